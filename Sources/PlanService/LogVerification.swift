public import EventSourcing
public import TamperEvidence

/// Checks a log where it is stored: positions, leaf hashes, columns against bodies, the tree against head and
/// checkpoints; the plan's own log also against the receipts and the values that can be erased, that of a feed against
/// the plan's.
public struct LogVerification: Sendable {
  private static let pageSize = 2000
  private static let checkpointPageSize = 500

  public private(set) var size: LogSize = .zero
  private var found = FindingList()
  public private(set) var checkpointCount = 0
  public private(set) var receiptCount = 0
  private var frontier = MerkleFrontier()
  private var order = EntryOrder()
  private var lastRecordedAt: Timestamp?

  public var findings: [Finding] { found.kept }
  public var findingCount: Int { found.count }

  /// Verifies one log; memory does not grow with its length.
  /// - Parameter progress: called with the number of events checked, about every page.
  public static func run(
    _ log: LogID, in store: any EventLog, verifierKeys: @Sendable (_ origin: String) -> [NoteVerifierKey],
    published: HighWater.Mark?, progress: @Sendable (LogSize) -> Void
  ) async throws -> LogVerification {
    var verification = LogVerification()
    guard let head = try await store.head(of: log) else {
      if let published { verification.require(published, of: nil) }
      return verification
    }
    if log.isReissued {
      verification = try await run(log, in: store, head, published, verifierKeys, nil, progress)
    } else {
      verification = try await store.withReceiptAnswers(of: log.plan) { next in
        try await run(log, in: store, head, published, verifierKeys, next, progress)
      }
    }
    verification.found.expect("\(head.size.value)", "\(verification.size.value)", "size", at: nil)
    verification.found.expect(
      MerkleHash(bytes: head.root)?.base64 ?? "", verification.frontier.root.base64, "root", at: nil)
    verification.found.expect(
      Base64URL.encode(head.frontier), Base64URL.encode(verification.frontier.bytes), "frontier", at: nil)
    verification.found.expect(
      verification.lastRecordedAt?.description ?? "none", head.lastRecordedAt?.description ?? "none",
      "column last_recorded_at", at: verification.size.lastPosition)
    if let published { verification.require(published, of: head) }
    return verification
  }

  /// That the log is not behind what was published of it, nor gone.
  private mutating func require(_ published: HighWater.Mark, of head: LogHead?) {
    guard (published.epoch, published.size) > (head?.epoch ?? 0, head?.size.value ?? 0) else { return }
    found.expect(
      "at least \(published.size) events, as published", head.map { "\($0.size.value)" } ?? "no such log",
      "log-regressed", at: nil)
  }

  private static func run(
    _ log: LogID, in store: any EventLog, _ head: LogHead, _ published: HighWater.Mark?,
    _ verifierKeys: (_ origin: String) -> [NoteVerifierKey],
    _ nextAnswer: (() async throws -> [UInt8]?)?, _ progress: (LogSize) -> Void
  ) async throws -> LogVerification {
    var verification = LogVerification()
    var receipts = ReceiptCheck()
    var disclosures = log.isReissued ? nil : DisclosureCheck()
    var origins = FeedOrigins(of: log)
    var checkpoints = try await store.checkpoints(of: log, after: .zero, limit: checkpointPageSize)[...]
    let newest = try await store.checkpoint(of: log, sizeMax: nil)
    try await store.forEachPage(
      of: log, from: Position(0), through: head.size.lastPosition, pageSize: pageSize, failing: { $0 as any Error }
    ) { page in
      for event in page {
        let said = verification.check(event, log)
        if let said { disclosures?.expect(said.digests, at: event.position) }
        disclosures?.take(event)
        if let nextAnswer {
          try await receipts.take(
            event, isMadeUp: said?.attributes.recordedSource == .simulation, root: verification.frontier.root,
            &verification.found, nextAnswer)
        }
        while let checkpoint = checkpoints.first, checkpoint.size <= verification.size {
          verification.check(checkpoint, isNewest: checkpoint == newest, verifierKeys)
          checkpoints.removeFirst()
          if checkpoints.isEmpty {
            checkpoints = try await store.checkpoints(
              of: log, after: checkpoint.size, limit: checkpointPageSize)[...]
          }
        }
        if let published, published.epoch == head.epoch, published.size == verification.size.value {
          verification.found.expect(published.root, verification.frontier.root.base64, "published-root", at: nil)
        }
      }
      if log.isReissued { try await origins.check(page, in: store, &verification.found) }
      try await disclosures?.compare(page, of: log, in: store, &verification.found)
      progress(verification.size)
      return true
    }
    if let ahead = checkpoints.first {
      verification.found.expect(
        "a log of at least \(ahead.size.value) events", "\(verification.size.value)", "checkpoint-ahead", at: nil)
    }
    if disclosures?.lacksErasures == true {
      try await store.forEachPage(
        of: log, from: head.size.nextPosition, pageSize: pageSize, failing: { $0 as any Error }
      ) { page in
        for event in page { disclosures?.take(event) }
        return true
      }
    }
    try await disclosures?.finish(log, in: store, &verification.found)
    if let nextAnswer { try await receipts.finish(&verification.found, nextAnswer) }
    verification.receiptCount = receipts.count
    return verification
  }

  /// - Returns: the digests of the values that can be erased, and what else it says; nil for what is no event.
  private mutating func check(
    _ event: StoredEvent, _ log: LogID
  ) -> (digests: [String], attributes: Attributes)? {
    let position = size.nextPosition
    found.expect("\(position.value)", "\(event.position.value)", "position", at: position)
    let leafHash = MerkleTree.leafHash(event.body)
    found.expect(leafHash.description, MerkleHash(bytes: event.leafHash)?.description ?? "", "leaf-hash", at: position)
    frontier.append(leafHash)
    size = event.position.sizeIncluding
    lastRecordedAt = event.recordedAt
    let digests = event.body.withUnsafeBufferPointer { bytes -> [String]? in
      guard let (head, _) = EntryCheck(log).check(bytes, at: position, &found) else { return nil }
      var digests: [String] = []
      head.forEachDigest(in: bytes) { digests.append(String(decoding: $0, as: UTF8.self)) }
      return digests
    }
    guard let digests else { return nil }
    guard let said = Self.attributes(of: event.body, in: log) else {
      let count = event.body.count
      found.note(Finding(position: position, code: "unreadable", expected: "an event", found: "\(count) bytes"))
      return nil
    }
    found.expect(said.type, event.type, "column type", at: position)
    found.expect(said.subject, event.subject, "column subject", at: position)
    found.expect(said.effectiveDate, event.effectiveDate.description, "column effective_date", at: position)
    found.expect(said.time.description, event.recordedAt.description, "column recorded_at", at: position)
    order.check(said.time, epoch: said.epoch, at: position, &found)
    return (digests, said)
  }

  /// What a body says of itself that columns repeat.
  private struct Attributes {
    let type: String
    let subject: String
    let effectiveDate: String
    let time: Timestamp
    let epoch: Int
    /// Nil for an event of a partner's feed.
    var recordedSource: RecordedSource?
  }

  private static func attributes(of body: [UInt8], in log: LogID) -> Attributes? {
    if !log.isReissued {
      return EventEnvelope.decode(body).map { envelope, _ in
        Attributes(
          type: envelope.type, subject: envelope.subject.description,
          effectiveDate: envelope.effectiveDate.description, time: envelope.time, epoch: envelope.epoch,
          recordedSource: envelope.recordedSource)
      }
    }
    guard let event = try? JSONParser.parse(body), let type = event["type"]?.string,
      let subject = event["subject"]?.string, event["partitionkey"]?.string == subject,
      let date = event["effectivedate"]?.string, let time = event["time"]?.string.flatMap({ Timestamp($0) }),
      let epoch = body.withUnsafeBytes({ log.epoch(namedBy: $0) })
    else { return nil }
    return Attributes(type: type, subject: subject, effectiveDate: date, time: time, epoch: epoch)
  }

  /// Every checkpoint says what the log was at its size. Who signed is only asked of the newest: the keys of those
  /// before it may have been given up since.
  private mutating func check(
    _ checkpoint: StoredCheckpoint, isNewest: Bool, _ verifierKeys: (String) -> [NoteVerifierKey]
  ) {
    checkpointCount += 1
    let ending = " at size \(checkpoint.size.value)"
    do {
      let note = try SignedNote(parsing: Array(checkpoint.note.utf8))
      let body = try Checkpoint(noteText: note.text)
      if isNewest { _ = try note.verify(with: verifierKeys(body.origin)) }
      found.expect("\(checkpoint.size.value)", "\(body.size)", "checkpoint-size", at: nil)
      let root = frontier.root.base64 + ending
      found.expect(root, body.root.base64 + ending, "checkpoint-root", at: nil)
      found.expect(root, (MerkleHash(bytes: checkpoint.root)?.base64 ?? "none") + ending, "checkpoint-root", at: nil)
    } catch {
      found.note(
        Finding(
          position: nil, code: "checkpoint-signature", expected: "a verified note" + ending, found: "\(error)"))
    }
  }
}
