import Coordination
import EventSourcing
import HangLimit
import Logging
import PlanService
import Testing

@Suite(.hangLimit)
struct LogVerificationTests {
  @Test func `a log as it was written has no findings`() async throws {
    let verification = try await verified { $0 }
    #expect(verification.findings.isEmpty, "\(verification.findings)")
    #expect(verification.size == LogSize(11))
  }

  @Test func `a log that is not there has none either`() async throws {
    let rehearsal = Rehearsal()
    let verification = try await LogVerification.run(
      rehearsal.log, in: rehearsal.store, verifierKeys: { _ in [] }, published: nil, progress: { _ in })
    #expect(verification.size == .zero)
    #expect(verification.findings.isEmpty)
  }

  @Test(arguments: [0, 5, 10] as [Int64])
  func `a flipped bit is found at its position`(position: Int64) async throws {
    for isAtEnd in [true, false] {
      let verification = try await verified { event in
        guard event.position.value == position else { return event }
        var body = event.body
        let index = isAtEnd ? body.count - 3 : body.count / 2
        body[index] ^= 1
        return event.with(body: body)
      }
      expect(verification, "leaf-hash", at: position)
      expect(verification, "root", at: nil)
    }
  }

  @Test func `swapped events are found at both positions`() async throws {
    let rehearsal = try await begun()
    let events = try await rehearsal.events()
    let swap: @Sendable (StoredEvent) -> StoredEvent = { event in
      guard event.position.value == 3 || event.position.value == 4 else { return event }
      let other = events[event.position.value == 3 ? 4 : 3]
      return StoredEvent(
        position: event.position, type: other.type, subject: other.subject, effectiveDate: other.effectiveDate,
        recordedAt: other.recordedAt, body: other.body, leafHash: other.leafHash)
    }
    let verification = try await verified(rehearsal, swap)
    expect(verification, "id", at: 3)
    expect(verification, "id", at: 4)
    expect(verification, "root", at: nil)
  }

  @Test func `a missing tail is found`() async throws {
    let rehearsal = try await begun()
    rehearsal.store.set { $0.eventsRead = { events in events.filter { $0.position < Position(9) } } }
    let verification = try await run(rehearsal)
    expect(verification, "size", at: nil)
    expect(verification, "root", at: nil)
  }

  @Test func `a hole is found at its position`() async throws {
    let rehearsal = try await begun()
    rehearsal.store.set { $0.eventsRead = { events in events.filter { $0.position != Position(4) } } }
    expect(try await run(rehearsal), "position", at: 4)
  }

  @Test func `every column that repeats a part of the body is compared with it`() async throws {
    @Sendable func changed(
      _ event: StoredEvent, type: String? = nil, subject: String? = nil, effectiveDate: LocalDate? = nil,
      recordedAt: Timestamp? = nil
    ) -> StoredEvent {
      guard event.position == Position(6) else { return event }
      return StoredEvent(
        position: event.position, type: type ?? event.type, subject: subject ?? event.subject,
        effectiveDate: effectiveDate ?? event.effectiveDate, recordedAt: recordedAt ?? event.recordedAt,
        body: event.body, leafHash: event.leafHash)
    }
    expect(try await verified { changed($0, type: "org.federwerk.plan.created.v1") }, "column type", at: 6)
    expect(try await verified { changed($0, subject: "plans/\(id(5))") }, "column subject", at: 6)
    expect(
      try await verified { changed($0, effectiveDate: LocalDate(daysSinceEpoch: 1)) }, "column effective_date", at: 6)
    let later = Timestamp(microsecondsSinceEpoch: 1)
    expect(try await verified { changed($0, recordedAt: later) }, "column recorded_at", at: 6)
  }

  @Test func `a time before that of the event before is found`() async throws {
    let verification = try await verified { event in
      guard event.position == Position(6) else { return event }
      let text = String(decoding: event.body, as: UTF8.self).replacing("\"time\":\"2019", with: "\"time\":\"2018")
      return event.with(body: Array(text.utf8))
    }
    expect(verification, "recorded-time", at: 6)
  }

  @Test func `receipts are compared with the log`() async throws {
    let rehearsal = try await begun()
    #expect(try await run(rehearsal).receiptCount == 2)
    func findings(_ old: String, _ new: String) async throws -> [Finding] {
      rehearsal.store.set {
        $0.answerRead = { Array(String(decoding: $0, as: UTF8.self).replacing(old, with: new).utf8) }
      }
      return try await run(rehearsal).findings
    }
    #expect(try await findings("org.federwerk.plan.created.v1", "org.federwerk.plan.created.v1").isEmpty)
    let ofType = try await findings("org.federwerk.plan.created.v1", "org.federwerk.plan.adopted.v1")
    #expect(ofType.map(\.code) == ["receipt"] && ofType[0].position == Position(0), "\(ofType)")
    #expect(try await findings("\"root\":\"", "\"root\":\"A").map(\.code) == ["receipt", "receipt"])
    #expect(try await findings("\"size\":11", "\"size\":12").map(\.found) == ["an answer that names size 12"])
    #expect(try await findings("\"position\":0", "\"position\":7").contains { $0.position == Position(0) })
    #expect(try await findings("{\"events\"", "{\"event\"").allSatisfy { $0.expected == "an answer" })
  }

  @Test func `a wrong leaf hash column is found`() async throws {
    let verification = try await verified { event in
      guard event.position == Position(2) else { return event }
      return StoredEvent(
        position: event.position, type: event.type, subject: event.subject, effectiveDate: event.effectiveDate,
        recordedAt: event.recordedAt, body: event.body, leafHash: [UInt8](repeating: 0, count: 32))
    }
    expect(verification, "leaf-hash", at: 2)
    #expect(verification.findingCount == 1)
  }

  @Test func `a head with another root is found`() async throws {
    let rehearsal = try await begun()
    rehearsal.store.set {
      $0.headRead = { head in
        var head = head
        head?.root[0] ^= 1
        return head
      }
    }
    expect(try await run(rehearsal), "root", at: nil)
  }

  @Test func `findings past the limit are counted and not kept`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let commands = (0..<120).map {
        ("register-document", ["key": .string("D\($0)"), "title": "T"] as JSON)
      }
      _ = try #require(await service.submit(try list(commands, key: "l"), to: rehearsal.plan).bytes)
    }
    let verification = try await verified(rehearsal) { $0.with(body: Array($0.body.dropLast())) }
    #expect(verification.findings.count { $0.position != nil } == FindingList.countMax)
    #expect(verification.findingCount > FindingList.countMax)
  }

  // MARK: - Values beside the log

  /// A plan with an issue, whose text is erased where that is asked for.
  private func told(erasing: Bool) async throws -> (Rehearsal, Position, [StoredDisclosure]) {
    let rehearsal = try await begun()
    let position = try await rehearsal.events().count
    try await rehearsal.withService { service in
      let issue: JSON = ["kind": "question", "text": "Wann?", "wish": "Bald"]
      _ = try #require(await service.submit(try request("raise-issue", issue, key: "i"), to: rehearsal.plan).bytes)
    }
    let place = Position(Int64(position))
    let values = try await rehearsal.memory.disclosures(of: rehearsal.log, at: [place])
    try #require(values.count == 2)
    if erasing {
      try await rehearsal.withService { service in
        let erasure: JSON = ["event": .integer(place.value), "fields": ["text"], "reason": "requested"]
        _ = try #require(
          await service.submit(try request("erase-personal-data", erasure, key: "e"), to: rehearsal.plan).bytes)
      }
    }
    return (rehearsal, place, values)
  }

  @Test func `values are there or were erased by an event that says so`() async throws {
    for erasing in [true, false] {
      let (rehearsal, _, _) = try await told(erasing: erasing)
      let verification = try await run(rehearsal)
      #expect(verification.findings.isEmpty, "\(verification.findings)")
    }
  }

  @Test func `a value that is gone without an erasure is found, also beside one that was erased`() async throws {
    for erasing in [true, false] {
      let (rehearsal, position, values) = try await told(erasing: erasing)
      let wish = try #require(values.first { Disclosure(encoded: $0.encoded).content?.name == "wish" })
      rehearsal.store.set { $0.disclosuresRead = { $0.filter { $0 != wish } } }
      let verification = try await run(rehearsal)
      expect(verification, "disclosure-missing", at: position.value)
      #expect(verification.findingCount == 1)
    }
  }

  @Test func `an erased value that is there again is found`() async throws {
    let (rehearsal, position, values) = try await told(erasing: true)
    rehearsal.store.set { $0.disclosuresRead = { $0.isEmpty ? $0 : values } }
    let verification = try await run(rehearsal)
    expect(verification, "disclosure-erased", at: position.value)
    #expect(verification.findingCount == 1)
  }

  @Test func `another value is found, and so is a digest that is not the value's`() async throws {
    let (rehearsal, position, values) = try await told(erasing: false)
    let other = Disclosure(salt: [1], name: "text", value: "Nie?")
    rehearsal.store.set {
      $0.disclosuresRead = { read in
        read.map { value in
          guard value == values[0] else { return value }
          return StoredDisclosure(position: position, digest: value.digest, encoded: other.encoded)
        }
      }
    }
    let verification = try await run(rehearsal)
    for code in ["column digest", "disclosure", "disclosure-missing"] {
      expect(verification, code, at: position.value)
    }
  }

  @Test func `what is erased while a log is verified is accounted for behind the end`() async throws {
    let (rehearsal, position, _) = try await told(erasing: true)
    rehearsal.store.set {
      $0.headRead = { head in
        var head = head
        head?.size = position.sizeIncluding
        return head
      }
    }
    let codes = try await run(rehearsal).findings.map(\.code)
    #expect(!codes.contains { $0.hasPrefix("disclosure") }, "\(codes)")
  }

  // MARK: - Feeds

  /// A plan with a feed of what happened to its institutions: four registrations, an alias, and the feed itself.
  private func feed() async throws -> (Rehearsal, LogID) {
    let rehearsal = try await begun()
    try await rehearsal.withService { service in
      for (command, json) in [
        ("register-partner-system", ["slug": "press", "name": "Presse"]),
        (
          "subscribe-feed",
          ["partner": "press", "slug": "press", "history": true, "terms": ["types": ["institution.*"]]]
        ), ("add-alias", ["institution": "ihk", "name": "Kammer"]),
      ] as [(String, JSON)] {
        let answer = await service.submit(try request(command, json, key: command), to: rehearsal.plan)
        _ = try #require(answer.bytes, "\(answer)")
      }
      let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      try await FeedWriter(service: service, logger: quiet).catchUp(rehearsal.plan)
    }
    return (rehearsal, LogID(plan: rehearsal.plan, name: "feed-press"))
  }

  private func verified(
    _ rehearsal: Rehearsal, _ log: LogID, _ change: @escaping @Sendable (StoredEvent) -> StoredEvent
  ) async throws -> LogVerification {
    rehearsal.store.set { $0.eventsRead = { $0.map(change) } }
    return try await LogVerification.run(
      log, in: rehearsal.store, verifierKeys: { _ in [] }, published: nil, progress: { _ in })
  }

  @Test func `a feed as it was written has no findings`() async throws {
    let (rehearsal, log) = try await feed()
    let verification = try await verified(rehearsal, log) { $0 }
    #expect(verification.findings.isEmpty, "\(verification.findings)")
    #expect(verification.size == LogSize(6))
    #expect(verification.receiptCount == 0)
  }

  @Test func `a feed that tells something else than the plan is found out`() async throws {
    let (rehearsal, log) = try await feed()
    let bent = try await verified(rehearsal, log) { event in
      guard String(decoding: event.body, as: UTF8.self).contains("log:feed-press"), event.position == Position(2)
      else { return event }
      var body = event.body
      body[body.count - 40] ^= 1
      return event.with(body: body)
    }
    expect(bent, "leaf-hash", at: 2)
    expect(bent, "root", at: nil)
    // The plan's event is another one than the feed was made of.
    let other = try await verified(rehearsal, log) { event in
      let isMain = !String(decoding: event.body, as: UTF8.self).contains("log:feed-press")
      guard isMain, event.type.hasSuffix("alias-added.v1") else { return event }
      var hash = event.leafHash
      hash[0] ^= 1
      return StoredEvent(
        position: event.position, type: event.type, subject: event.subject, effectiveDate: event.effectiveDate,
        recordedAt: event.recordedAt, body: event.body, leafHash: hash)
    }
    expect(other, "origin-leaf", at: 5)
    let invented = try await verified(rehearsal, log) { event in
      let text = String(decoding: event.body, as: UTF8.self)
      guard text.contains("log:feed-press") else { return event }
      return event.with(body: Array(text.replacing("Kammer", with: "Hammer").utf8))
    }
    expect(invented, "origin-content", at: 5)
    let column = try await verified(rehearsal, log) { event in
      guard event.position == Position(1) else { return event }
      return StoredEvent(
        position: event.position, type: event.type, subject: "institutions/x", effectiveDate: event.effectiveDate,
        recordedAt: event.recordedAt, body: event.body, leafHash: event.leafHash)
    }
    expect(column, "column subject", at: 1)
  }

  @Test func `events of a feed that changed places are found`() async throws {
    let (rehearsal, log) = try await feed()
    let events = try await rehearsal.memory.events(of: log, matching: EventQuery())
    let verification = try await verified(rehearsal, log) { event in
      guard String(decoding: event.body, as: UTF8.self).contains("log:feed-press"),
        event.position == Position(1) || event.position == Position(2)
      else { return event }
      let other = events[event.position == Position(1) ? 2 : 1]
      return StoredEvent(
        position: event.position, type: other.type, subject: other.subject, effectiveDate: other.effectiveDate,
        recordedAt: other.recordedAt, body: other.body, leafHash: other.leafHash)
    }
    expect(verification, "origin-digest", at: 1)
    expect(verification, "origin-digest", at: 2)
    expect(verification, "id", at: 1)
  }

  private func begun() async throws -> Rehearsal {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { try await rehearsal.begin($0) }
    return rehearsal
  }

  /// Verifies a log whose events somebody changed.
  private func verified(
    _ rehearsal: Rehearsal? = nil, _ change: @escaping @Sendable (StoredEvent) -> StoredEvent
  ) async throws -> LogVerification {
    var own = rehearsal
    if own == nil { own = try await begun() }
    let rehearsal = try #require(own)
    rehearsal.store.set { $0.eventsRead = { $0.map(change) } }
    return try await run(rehearsal)
  }

  private func run(_ rehearsal: Rehearsal) async throws -> LogVerification {
    try await LogVerification.run(
      rehearsal.log, in: rehearsal.store, verifierKeys: { _ in [] }, published: nil, progress: { _ in })
  }

  private func expect(
    _ verification: LogVerification, _ code: String, at position: Int64?,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      verification.findings.contains { $0.code == code && $0.position == position.map { Position($0) } },
      "\(verification.findings)", sourceLocation: sourceLocation)
  }
}
