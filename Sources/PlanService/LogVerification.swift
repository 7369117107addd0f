package import EventSourcing
internal import TamperEvidence

/// Checks a log as an outsider would: positions, leaf hashes, columns against bodies, the tree against head and checkpoints.
package struct LogVerification: Sendable {
  /// Something that does not fit.
  package struct Finding: Sendable, CustomStringConvertible {
    package let position: Position?
    package let code: String
    package let expected: String
    package let found: String

    package var description: String {
      let place = position.map { "position \($0.value)" } ?? "log"
      return "\(place): \(code): expected \(expected), found \(found)"
    }
  }

  /// Findings beyond this many are counted, not kept.
  package static let findingCountMax = 100
  private static let pageSize = 2000

  package private(set) var size: LogSize = .zero
  package private(set) var findings: [Finding] = []
  package private(set) var findingCount = 0
  package private(set) var checkpointCount = 0
  private var frontier = MerkleFrontier()
  private var lastRecordedAt: Timestamp?

  /// Verifies one log; memory does not grow with its length.
  /// - Parameter progress: called with the number of events checked, about every page.
  package static func run(
    _ log: LogID, in store: any EventLog, verifierKey: @Sendable (_ origin: String) -> String,
    published: HighWater.Mark?, progress: @Sendable (LogSize) -> Void
  ) async throws -> LogVerification {
    var verification = LogVerification()
    guard let head = try await store.head(of: log) else { return verification }
    let checkpoint = try await store.checkpoint(of: log, sizeMax: nil)
    try await store.forEachPage(
      of: log, from: Position(0), through: head.size.lastPosition, pageSize: pageSize, failing: { $0 as any Error }
    ) { page in
      for event in page {
        verification.check(event, log)
        if let checkpoint, checkpoint.size == verification.size {
          verification.check(checkpoint, verifierKey)
        }
        if let published, published.epoch == head.epoch, published.size == verification.size.value {
          verification.expect(published.root, verification.frontier.root.base64, "published-root", at: nil)
        }
      }
      progress(verification.size)
      return true
    }
    verification.expect("\(head.size.value)", "\(verification.size.value)", "size", at: nil)
    verification.expect(
      MerkleHash(bytes: head.root)?.base64 ?? "", verification.frontier.root.base64, "root", at: nil)
    if let checkpoint, checkpoint.size > verification.size {
      verification.expect(
        "a log of at least \(checkpoint.size.value) events", "\(verification.size.value)", "checkpoint-ahead", at: nil)
    }
    if let published, (published.epoch, published.size) > (head.epoch, head.size.value) {
      verification.expect(
        "at least \(published.size) events, as published", "\(head.size.value)", "log-regressed", at: nil)
    }
    return verification
  }

  private mutating func check(_ event: StoredEvent, _ log: LogID) {
    let position = size.nextPosition
    expect("\(position.value)", "\(event.position.value)", "position", at: position)
    let leafHash = MerkleTree.leafHash(event.body)
    expect(leafHash.description, MerkleHash(bytes: event.leafHash)?.description ?? "", "leaf-hash", at: position)
    frontier.append(leafHash)
    size = event.position.sizeIncluding
    guard let (envelope, _) = EventEnvelope.decode(event.body) else {
      note(Finding(position: position, code: "unreadable", expected: "an event", found: "\(event.body.count) bytes"))
      return
    }
    if (try? JSONParser.parse(event.body))?.canonicalBytes != event.body {
      note(Finding(position: position, code: "not-canonical", expected: "RFC 8785", found: "other bytes"))
    }
    expect("\(position.value)", "\(envelope.position.value)", "id", at: position)
    expect(log.plan.description, envelope.log.plan.description, "source", at: position)
    expect(envelope.type, event.type, "column type", at: position)
    expect(envelope.subject.description, event.subject, "column subject", at: position)
    expect(envelope.effectiveDate.description, event.effectiveDate.description, "column effective_date", at: position)
    expect(envelope.time.description, event.recordedAt.description, "column recorded_at", at: position)
    if let lastRecordedAt, event.recordedAt < lastRecordedAt {
      expect("not before \(lastRecordedAt)", event.recordedAt.description, "recorded-time", at: position)
    }
    lastRecordedAt = event.recordedAt
  }

  private mutating func check(_ checkpoint: StoredCheckpoint, _ verifierKey: (String) -> String) {
    checkpointCount += 1
    do {
      let note = try SignedNote(parsing: Array(checkpoint.note.utf8))
      let body = try Checkpoint(noteText: note.text)
      _ = try note.verify(with: [NoteVerifierKey(parsing: verifierKey(body.origin))])
      expect("\(checkpoint.size.value)", "\(body.size)", "checkpoint-size", at: nil)
      expect(frontier.root.base64, body.root.base64, "checkpoint-root", at: nil)
    } catch {
      self.note(Finding(position: nil, code: "checkpoint-signature", expected: "a verified note", found: "\(error)"))
    }
  }

  private mutating func expect(_ expected: String, _ found: String, _ code: String, at position: Position?) {
    guard expected != found else { return }
    note(Finding(position: position, code: code, expected: expected, found: found))
  }

  private mutating func note(_ finding: Finding) {
    findingCount += 1
    if findings.count < Self.findingCountMax { findings.append(finding) }
  }
}
