internal import Crypto
public import EventSourcing
internal import Synchronization
internal import Testing

// The promises of `EventLog`, checked on any implementation. Each function makes its own log, uses plans of its own and
// needs no empty store, so that a suite may run them side by side on one database.

// MARK: - Head and positions

/// A log that was never begun is absent; afterwards its head is the one that was sent.
public func checkEventLogHead(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 1)
  #expect(try await log.head(of: sample.id) == nil)
  #expect(try await log.events(of: sample.id, matching: EventQuery()).isEmpty)
  #expect(try await log.disclosures(of: sample.id, at: [Position(0)]).isEmpty)
  #expect(try await log.checkpoint(of: sample.id, sizeMax: nil) == nil)
  let first = sample.creation(eventCount: 2)
  try await expectAppended(log, first)
  #expect(try await log.head(of: sample.id) == first.newHead)
  let second = sample.batch(on: first.newHead, eventCount: 3)
  try await expectAppended(log, second)
  #expect(try await log.head(of: sample.id) == second.newHead)
}

/// Positions are 0, 1, 2 … over batches of any size, and every event comes back as it was sent, byte for byte.
public func checkEventLogPositionsAreGapless(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 2)
  var sent: [StoredEvent] = []
  var head: LogHead?
  for count in [1, 3, 2, 1, 40, 7] {
    let batch = head.map { sample.batch(on: $0, eventCount: count) } ?? sample.creation(eventCount: count)
    try await expectAppended(log, batch)
    sent += batch.events
    head = batch.newHead
  }
  let read = try await log.events(of: sample.id, matching: EventQuery())
  #expect(read.map(\.position.value) == Array(0..<Int64(sent.count)))
  #expect(read == sent)
}

/// Two plans in one store have nothing in common.
public func checkEventLogPlansAreApart(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let one = SampleLog(number: 3)
  let other = SampleLog(number: 4)
  let receipt = makeReceipt("same-key", answer: "one")
  let ones = one.creation(eventCount: 2, receipts: [receipt])
  let others = other.creation(eventCount: 1)
  try await expectAppended(log, ones)
  try await expectAppended(log, others)
  #expect(try await log.events(of: one.id, matching: EventQuery()) == ones.events)
  #expect(try await log.events(of: other.id, matching: EventQuery()) == others.events)
  #expect(try await log.receipts(of: other.id.plan, for: [receipt.key]).isEmpty)
  // The same key is free in another plan.
  let again = makeReceipt("same-key", answer: "other")
  try await expectAppended(log, other.batch(on: others.newHead, eventCount: 0, receipts: [again]))
  #expect(try await log.receipts(of: one.id.plan, for: [receipt.key]) == [receipt])
  #expect(try await log.receipts(of: other.id.plan, for: [receipt.key]) == [again])
}

// MARK: - Compare and set

/// An append on any head but the true one conflicts, names the true one, and leaves nothing behind.
public func checkEventLogConflictLeavesNothing(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 5)
  let begun = sample.creation(eventCount: 3)
  try await expectAppended(log, begun)
  let receipt = makeReceipt("loser", answer: "never")

  var behind = begun.newHead
  behind.size = LogSize(2)
  var ahead = begun.newHead
  ahead.size = LogSize(4)
  var otherEpoch = begun.newHead
  otherEpoch.epoch = 2
  for wrong in [behind, ahead, otherEpoch] {
    let batch = sample.batch(on: wrong, eventCount: 2, receipts: [receipt], withDisclosures: true)
    #expect(try await log.append(batch) == .conflict(size: LogSize(3), epoch: 1))
  }
  // Beginning a plan a second time is a conflict as well, whatever the slug.
  var again = sample.creation(eventCount: 1, receipts: [receipt])
  #expect(try await log.append(again) == .conflict(size: LogSize(3), epoch: 1))
  again.creation = AppendBatch.Creation(slug: sample.slug + "-second")
  #expect(try await log.append(again) == .conflict(size: LogSize(3), epoch: 1))
  #expect(try await log.plan(withSlug: sample.slug + "-second") == nil)

  #expect(try await log.head(of: sample.id) == begun.newHead)
  #expect(try await log.events(of: sample.id, matching: EventQuery()) == begun.events)
  #expect(try await log.receipts(of: sample.id.plan, for: [receipt.key]).isEmpty)
  #expect(try await log.disclosures(of: sample.id, at: (0..<8).map { Position($0) }) == begun.disclosures)
}

/// A log that was never begun takes no append without a creation.
public func checkEventLogNeedsCreation(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 6)
  var batch = sample.creation(eventCount: 1)
  batch.creation = nil
  let outcome = try await log.append(batch)
  guard case .conflict(let size, _) = outcome else {
    Issue.record("expected a conflict, got \(outcome)")
    return
  }
  #expect(size == .zero)
  #expect(try await log.head(of: sample.id) == nil)
}

/// Sending the identical batch again commits once: the second time conflicts and nothing is doubled.
public func checkEventLogResendConflicts(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 7)
  let creation = sample.creation(
    eventCount: 2, receipts: [makeReceipt("first", answer: "a")], withDisclosures: true)
  try await expectAppended(log, creation)
  #expect(try await log.append(creation) == .conflict(size: LogSize(2), epoch: 1))
  let batch = sample.batch(
    on: creation.newHead, eventCount: 2, receipts: [makeReceipt("second", answer: "b")],
    withDisclosures: true)
  try await expectAppended(log, batch)
  for _ in 0..<3 { #expect(try await log.append(batch) == .conflict(size: LogSize(4), epoch: 1)) }
  #expect(try await log.head(of: sample.id) == batch.newHead)
  #expect(try await log.events(of: sample.id, matching: EventQuery()) == creation.events + batch.events)
  let disclosures = try await log.disclosures(of: sample.id, at: (0..<4).map { Position($0) })
  #expect(Set(disclosures) == Set(creation.disclosures + batch.disclosures))
  #expect(disclosures.count == 4)
  let keys = (creation.receipts + batch.receipts).map(\.key)
  #expect(Set(try await log.receipts(of: sample.id.plan, for: keys)) == Set(creation.receipts + batch.receipts))
}

/// After a new epoch was opened, an append that still expects the old one conflicts and learns the new one.
public func checkEventLogEpochs(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 8)
  let begun = sample.creation(eventCount: 1)
  try await expectAppended(log, begun)
  var opening = sample.batch(on: begun.newHead, eventCount: 1)
  opening.newHead.epoch = 2
  opening.newHead.origin += "-epoch-2"
  try await expectAppended(log, opening)
  #expect(try await log.head(of: sample.id) == opening.newHead)
  var stale = opening.newHead
  stale.epoch = 1
  #expect(try await log.append(sample.batch(on: stale, eventCount: 1)) == .conflict(size: LogSize(2), epoch: 2))
  try await expectAppended(log, sample.batch(on: opening.newHead, eventCount: 1))
}

/// What this program should never send is refused as broken, and the log stays as it was.
public func checkEventLogRefusesBrokenBatches(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 9)
  let begun = sample.creation(eventCount: 2)
  try await expectAppended(log, begun)
  let good = sample.batch(on: begun.newHead, eventCount: 2)
  var wrongLeaf = good
  wrongLeaf.events[1] = good.events[1].with(leafHash: [UInt8](repeating: 7, count: 32))
  var wrongPosition = good
  wrongPosition.events[1] = good.events[1].with(position: Position(9))
  for batch in [wrongLeaf, wrongPosition] {
    let failure = await #expect(throws: EventLogFailure.self) { try await log.append(batch) }
    #expect(failure?.kind == .broken)
    #expect(try await log.head(of: sample.id) == begun.newHead)
    #expect(try await log.events(of: sample.id, matching: EventQuery()) == begun.events)
  }
  try await expectAppended(log, good)
}

// MARK: - Receipts

/// Receipts are found by key, once written they stay, and a key is used at most once in a plan.
public func checkEventLogReceipts(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 10)
  let first = makeReceipt("first", answer: #"{"events":[]}"#)
  let second = makeReceipt("second", answer: "")
  let begun = sample.creation(eventCount: 1, receipts: [first, second])
  try await expectAppended(log, begun)
  let unknown = ReceiptKey(actor: first.key.actor, key: "unknown")
  let otherActor = ReceiptKey(actor: "system:clock", key: first.key.key)
  let found = try await log.receipts(of: sample.id.plan, for: [unknown, second.key, otherActor, first.key])
  #expect(Set(found) == [first, second])
  #expect(found.count == 2)
  #expect(try await log.receipts(of: sample.id.plan, for: []).isEmpty)

  let third = makeReceipt("third", answer: "third")
  let changed = makeReceipt("first", answer: "changed")
  let batch = sample.batch(on: begun.newHead, eventCount: 2, receipts: [third, changed], withDisclosures: true)
  #expect(try await log.append(batch) == .keysUsed([first.key]))
  #expect(try await log.head(of: sample.id) == begun.newHead)
  #expect(try await log.events(of: sample.id, matching: EventQuery()) == begun.events)
  #expect(try await log.disclosures(of: sample.id, at: [Position(1), Position(2)]).isEmpty)
  #expect(try await log.receipts(of: sample.id.plan, for: [third.key, first.key]) == [first])

  // The same key of another actor is another key.
  let others = Receipt(key: otherActor, commandHash: first.commandHash, answer: [1])
  try await expectAppended(log, sample.batch(on: begun.newHead, eventCount: 1, receipts: [others]))
}

/// A success without events leaves its receipt and nothing else.
public func checkEventLogReceiptsWithoutEvents(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 11)
  let begun = sample.creation(eventCount: 2)
  try await expectAppended(log, begun)
  let receipt = makeReceipt("nothing-happened", answer: "none")
  let batch = sample.batch(on: begun.newHead, eventCount: 0, receipts: [receipt])
  try await expectAppended(log, batch)
  #expect(try await log.head(of: sample.id) == begun.newHead)
  #expect(try await log.events(of: sample.id, matching: EventQuery()) == begun.events)
  #expect(try await log.receipts(of: sample.id.plan, for: [receipt.key]) == [receipt])
  #expect(try await log.append(batch) == .keysUsed([receipt.key]))
  try await expectAppended(log, sample.batch(on: begun.newHead, eventCount: 1))
  // On a head that has moved on, the conflict counts and not the key.
  #expect(try await log.append(batch) == .conflict(size: LogSize(3), epoch: 1))
}

// MARK: - Plans

/// The slug of a plan belongs to one plan; a second one is refused whole.
public func checkEventLogSlugs(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let owner = SampleLog(number: 12)
  let late = SampleLog(number: 13)
  #expect(try await log.plan(withSlug: owner.slug) == nil)
  try await expectAppended(log, owner.creation(eventCount: 1))
  #expect(try await log.plan(withSlug: owner.slug) == owner.id.plan)
  let receipt = makeReceipt("late", answer: "never")
  var creation = late.creation(eventCount: 1, receipts: [receipt])
  creation.creation = AppendBatch.Creation(slug: owner.slug)
  #expect(try await log.append(creation) == .slugTaken)
  #expect(try await log.head(of: late.id) == nil)
  #expect(try await log.receipts(of: late.id.plan, for: [receipt.key]).isEmpty)
  #expect(try await log.plan(withSlug: owner.slug) == owner.id.plan)
  try await expectAppended(log, late.creation(eventCount: 1))
  #expect(try await log.plan(withSlug: late.slug) == late.id.plan)
}

/// Plans are listed by the bytes of their slugs, in pages, each with its true size.
public func checkEventLogLogsOfPlan(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let names = ["main", "feed-b", "feed-a-z", "feed-ab"]
  let samples = names.map { SampleLog(number: 110, name: $0) }
  for sample in samples { try await expectAppended(log, sample.creation(eventCount: 2)) }
  try await expectAppended(log, SampleLog(number: 111).creation(eventCount: 1))
  #expect(
    try await log.logs(of: samples[0].id.plan).map(\.name) == ["feed-a-z", "feed-ab", "feed-b", "main"])
  #expect(try await log.logs(of: EntityID(high: 1, low: 110)).isEmpty)
}

public func checkEventLogPlanList(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  // A collation of a human language would put "list-ab" before "list-a-z".
  let slugs = ["list-b", "list-a-z", "list-ab", "list-a", "list-10", "list-9"]
  let samples = slugs.enumerated().map { SampleLog(number: 100 + $0.offset, slug: $0.element) }
  for (index, sample) in samples.enumerated() { try await expectAppended(log, sample.creation(eventCount: index + 1)) }
  let expected = zip(samples, 1...).map { PlanEntry(plan: $0.id.plan, slug: $0.slug, size: LogSize(Int64($1))) }
    .sorted { $0.slug.utf8.lexicographicallyPrecedes($1.slug.utf8) }
  #expect(expected.map(\.slug) == ["list-10", "list-9", "list-a", "list-a-z", "list-ab", "list-b"])
  let listed = try await log.plans(after: "list", limit: 6)
  #expect(listed == expected)
  #expect(try await log.plans(after: "list", limit: 2) == Array(expected[0..<2]))
  #expect(try await log.plans(after: "list-9", limit: 3) == Array(expected[2..<5]))
  #expect(try await log.plans(after: "list-a-z", limit: 2).map(\.slug) == ["list-ab", "list-b"])
  #expect(try await log.plans(after: nil, limit: 1000).filter { $0.slug.hasPrefix("list-") } == expected)
}

// MARK: - Reading

/// Both directions, `from` inclusive in reading order, and limits.
public func checkEventLogReadsBothWays(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 14)
  let begun = sample.creation(eventCount: 10)
  try await expectAppended(log, begun)
  func read(_ query: EventQuery) async throws -> [Int64] {
    try await log.events(of: sample.id, matching: query).map(\.position.value)
  }
  #expect(try await read(EventQuery()) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  #expect(try await read(EventQuery(from: Position(4))) == [4, 5, 6, 7, 8, 9])
  #expect(try await read(EventQuery(from: Position(4), limit: 3)) == [4, 5, 6])
  #expect(try await read(EventQuery(from: Position(9))) == [9])
  #expect(try await read(EventQuery(from: Position(10))) == [])
  #expect(try await read(EventQuery(limit: 1)) == [0])
  #expect(try await read(EventQuery(order: .newestFirst)) == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
  #expect(try await read(EventQuery(order: .newestFirst, limit: 2)) == [9, 8])
  #expect(try await read(EventQuery(from: Position(4), order: .newestFirst)) == [4, 3, 2, 1, 0])
  #expect(try await read(EventQuery(from: Position(4), order: .newestFirst, limit: 2)) == [4, 3])
  #expect(try await read(EventQuery(from: Position(0), order: .newestFirst)) == [0])
  #expect(try await read(EventQuery(from: Position(500), order: .newestFirst, limit: 1)) == [9])
}

/// Pages of any size give every event once and in order, end where they are told to, and pass the body's error on.
public func checkEventLogPages(_ makeLog: () async throws -> any EventLog) async throws {
  struct Enough: Error, Equatable {}
  let log = try await makeLog()
  let sample = SampleLog(number: 40)
  try await expectAppended(log, sample.creation(eventCount: 10))
  func pages(
    from start: Int64 = 0, through last: Int64? = nil, of pageSize: Int, countMax: Int = .max
  ) async throws -> [[Int64]] {
    var pages: [[Int64]] = []
    try await log.forEachPage(
      of: sample.id, from: Position(start), through: last.map { Position($0) }, pageSize: pageSize,
      failing: { $0 as any Error }
    ) { page in
      pages.append(page.map(\.position.value))
      return pages.count < countMax
    }
    return pages
  }
  #expect(try await pages(of: 4) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
  #expect(try await pages(of: 5) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]])
  #expect(try await pages(of: .max) == [Array(0..<10)])
  #expect(try await pages(from: 3, through: 6, of: 2) == [[3, 4], [5, 6]])
  #expect(try await pages(from: 3, through: 7, of: 3) == [[3, 4, 5], [6, 7]])
  #expect(try await pages(through: -1, of: 3) == [])
  #expect(try await pages(from: 10, of: 3) == [])
  #expect(try await pages(of: 3, countMax: 2) == [[0, 1, 2], [3, 4, 5]])
  await #expect(throws: Enough()) {
    try await log.forEachPage(
      of: sample.id, from: Position(0), pageSize: 2, failing: { $0 as any Error }
    ) { _ in throw Enough() }
  }
  // The same pages, of what is read out of the stored bytes.
  var read: [[String]] = []
  try await log.forEachPage(
    of: sample.id, from: Position(0), through: Position(6), pageSize: 3,
    reading: { position, bytes in "\(position.value): \(bytes.count)" }, failing: { $0 as any Error }
  ) { page in
    read.append(page)
    return true
  }
  let expected = sample.creation(eventCount: 10).events.prefix(7).map { "\($0.position.value): \($0.body.count)" }
  #expect(read == [Array(expected[0..<3]), Array(expected[3..<6]), Array(expected[6...])])
}

/// The stored bytes are lent in order, from any position on, as many as are asked for.
public func checkEventLogLendsEntries(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 26)
  let batch = sample.creation(eventCount: 20)
  try await expectAppended(log, batch)
  for (start, limit, expected) in [
    (0, 100, 0..<20), (0, 7, 0..<7), (5, 10, 5..<15), (19, 2, 19..<20), (20, 5, 20..<20),
  ] {
    var lent: [(Position, [UInt8])] = []
    let count = try await log.lendEntries(of: sample.id, from: Position(Int64(start)), limit: limit) {
      lent.append(($0, Array($1)))
    }
    #expect(count == expected.count)
    #expect(lent.map(\.0) == batch.events[expected].map(\.position))
    #expect(lent.map(\.1) == batch.events[expected].map(\.body))
  }
  #expect(try await log.lendEntries(of: SampleLog(number: 27).id, from: Position(0), limit: 5) { _, _ in } == 0)
}

/// Reading by subject, by type and by both, in both directions; a limit counts what matches.
public func checkEventLogReadsBySubjectAndType(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 15)
  // Position p has subject p mod 3 and type p mod 2.
  let begun = sample.creation(eventCount: 12)
  try await expectAppended(log, begun)
  let subject = sample.subject(1).description
  let type = SampleLog.types[1]
  func read(_ query: EventQuery) async throws -> [Int64] {
    try await log.events(of: sample.id, matching: query).map(\.position.value)
  }
  #expect(try await read(EventQuery(subject: subject)) == [1, 4, 7, 10])
  #expect(try await read(EventQuery(type: type)) == [1, 3, 5, 7, 9, 11])
  #expect(try await read(EventQuery(subject: subject, type: type)) == [1, 7])
  #expect(try await read(EventQuery(from: Position(4), limit: 2, subject: subject)) == [4, 7])
  #expect(try await read(EventQuery(order: .newestFirst, limit: 2, subject: subject)) == [10, 7])
  #expect(try await read(EventQuery(from: Position(9), order: .newestFirst, limit: 3, type: type)) == [9, 7, 5])
  #expect(try await read(EventQuery(from: Position(6), order: .newestFirst, subject: subject, type: type)) == [1])
  #expect(try await read(EventQuery(subject: "measures/unknown")) == [])
  #expect(try await read(EventQuery(type: "org.federwerk.unknown.v1")) == [])
}

/// Disclosures are found by the positions asked for, and by no other.
public func checkEventLogDisclosures(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 16)
  let begun = sample.creation(eventCount: 5, withDisclosures: true)
  try await expectAppended(log, begun)
  #expect(begun.disclosures.count == 5)
  func read(_ positions: [Int64]) async throws -> Set<StoredDisclosure> {
    Set(try await log.disclosures(of: sample.id, at: positions.map { Position($0) }))
  }
  #expect(try await read([0, 1, 2, 3, 4]) == Set(begun.disclosures))
  #expect(try await read([3, 1]) == [begun.disclosures[1], begun.disclosures[3]])
  #expect(try await read([]) == [])
  #expect(try await read([17]) == [])
  #expect(try await log.disclosures(of: SampleLog(number: 17).id, at: [Position(0)]).isEmpty)
}

// MARK: - Erasure

/// What an append erases is gone, also of its own events, and nothing else: events, root and the other values stay.
public func checkEventLogErasure(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 50)
  let neighbour = SampleLog(number: 51)
  var begun = sample.creation(eventCount: 3, withDisclosures: true)
  let second = sample.disclosure(of: "wish", at: Position(1))
  begun.disclosures.append(second)
  try await expectAppended(log, begun)
  let others = neighbour.creation(eventCount: 3, withDisclosures: true)
  try await expectAppended(log, others)

  var erasing = sample.batch(on: begun.newHead, eventCount: 2, withDisclosures: true)
  erasing.erasures = [
    Erasure(position: Position(0), fields: ["wish"]),
    Erasure(position: Position(1), fields: ["text", "never-filled"]),
    Erasure(position: Position(3), fields: ["text"]), Erasure(position: Position(99), fields: ["text"]),
  ]
  try await expectAppended(log, erasing)
  let positions = (0..<5).map { Position($0) }
  let kept: Set = [begun.disclosures[0], second, begun.disclosures[2], erasing.disclosures[1]]
  #expect(Set(try await log.disclosures(of: sample.id, at: positions)) == kept)
  #expect(try await log.events(of: sample.id, matching: EventQuery()) == begun.events + erasing.events)
  #expect(try await log.head(of: sample.id) == erasing.newHead)
  #expect(Set(try await log.disclosures(of: neighbour.id, at: positions)) == Set(others.disclosures))

  // Sent again after an unknown outcome it conflicts; erasing again what is gone changes nothing.
  #expect(try await log.append(erasing) == .conflict(size: LogSize(5), epoch: 1))
  var again = sample.batch(on: erasing.newHead, eventCount: 1)
  again.erasures = erasing.erasures
  try await expectAppended(log, again)
  #expect(Set(try await log.disclosures(of: sample.id, at: positions)) == kept)
}

/// An append that conflicts, whose key is used, or that has no event to say so erases nothing.
public func checkEventLogErasureNeedsTheAppend(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 52)
  let receipt = makeReceipt("erase", answer: "a")
  let begun = sample.creation(eventCount: 2, receipts: [receipt], withDisclosures: true)
  try await expectAppended(log, begun)
  let erasures = [Erasure(position: Position(0), fields: ["text"])]
  var behind = begun.newHead
  behind.size = LogSize(1)
  var late = sample.batch(on: behind, eventCount: 1)
  late.erasures = erasures
  #expect(try await log.append(late) == .conflict(size: LogSize(2), epoch: 1))
  var repeated = sample.batch(on: begun.newHead, eventCount: 1, receipts: [receipt])
  repeated.erasures = erasures
  #expect(try await log.append(repeated) == .keysUsed([receipt.key]))
  var silent = sample.batch(on: begun.newHead, eventCount: 0)
  silent.erasures = erasures
  let failure = await #expect(throws: EventLogFailure.self) { try await log.append(silent) }
  #expect(failure?.kind == .broken)
  #expect(Set(try await log.disclosures(of: sample.id, at: [Position(0), Position(1)])) == Set(begun.disclosures))
}

// MARK: - Checkpoints

/// One root per epoch and size; nothing is published ahead of the committed head.
public func checkEventLogCheckpoints(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 18)
  let early = StoredCheckpoint(epoch: 1, size: LogSize(1), root: [UInt8](repeating: 1, count: 32), note: "none\n")
  #expect(try await log.publish(early, of: sample.id) == false)
  let first = sample.creation(eventCount: 2)
  try await expectAppended(log, first)
  let second = sample.batch(on: first.newHead, eventCount: 3)
  try await expectAppended(log, second)
  #expect(try await log.checkpoint(of: sample.id, sizeMax: nil) == nil)

  let atFive = sample.checkpoint(of: second.newHead)
  let atTwo = sample.checkpoint(of: first.newHead)
  #expect(try await log.publish(atFive, of: sample.id))
  #expect(try await log.checkpoint(of: sample.id, sizeMax: nil) == atFive)
  #expect(try await log.publish(atFive, of: sample.id), "publishing the same again is harmless")
  let forged = StoredCheckpoint(
    epoch: 1, size: atFive.size, root: [UInt8](repeating: 9, count: 32), note: "forged\n")
  #expect(try await log.publish(forged, of: sample.id) == false)
  #expect(try await log.checkpoint(of: sample.id, sizeMax: nil) == atFive)
  var ahead = second.newHead
  ahead.size = LogSize(6)
  #expect(try await log.publish(sample.checkpoint(of: ahead), of: sample.id) == false)

  #expect(try await log.publish(atTwo, of: sample.id))
  #expect(try await log.checkpoint(of: sample.id, sizeMax: nil) == atFive)
  #expect(try await log.checkpoint(of: sample.id, sizeMax: LogSize(5)) == atFive)
  #expect(try await log.checkpoint(of: sample.id, sizeMax: LogSize(4)) == atTwo)
  #expect(try await log.checkpoint(of: sample.id, sizeMax: LogSize(2)) == atTwo)
  #expect(try await log.checkpoint(of: sample.id, sizeMax: LogSize(1)) == nil)

  #expect(try await log.checkpoints(of: sample.id, after: .zero, limit: 10) == [atTwo, atFive])
  #expect(try await log.checkpoints(of: sample.id, after: .zero, limit: 1) == [atTwo])
  #expect(try await log.checkpoints(of: sample.id, after: LogSize(2), limit: 10) == [atFive])
  #expect(try await log.checkpoints(of: sample.id, after: LogSize(5), limit: 10) == [])
}

// MARK: - Tiles

/// Leaf hashes are read as they are; full tiles are kept once, in order, and only when they are made of what lies
/// below.
public func checkEventLogTiles(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 24)
  let width = StoredTile.width
  func hashes(_ part: TreePart) async throws -> [UInt8] { try await log.tiles.hashes(of: part, in: sample.id) }
  #expect(try await log.tiles.tileCount(of: sample.id) == 0)
  #expect(try await hashes(.leafHashes(from: Position(0), count: 3)).isEmpty)
  let batch = sample.creation(eventCount: 2 * width + 3)
  try await expectAppended(log, batch)
  let leaves = batch.events.map(\.leafHash)
  let all = try await hashes(.leafHashes(from: Position(0), count: 1000))
  #expect(all == leaves.flatMap { $0 })
  #expect(try await hashes(.leafHashes(from: Position(5), count: 2)) == leaves[5] + leaves[6])
  #expect(try await hashes(.leafHashes(from: Position(514), count: 9)) == leaves[514])

  func tile(_ index: Int, _ root: UInt8) -> StoredTile {
    StoredTile(
      level: 0, index: Int64(index), hashes: leaves[index * width..<(index + 1) * width].flatMap { $0 },
      root: [UInt8](repeating: root, count: 32))
  }
  let (first, second) = (tile(0, 1), tile(1, 2))
  var forged = Array(first.hashes)
  forged[40] ^= 1
  let wrong = [
    StoredTile(level: 0, index: 0, hashes: forged, root: first.root),
    // A tile whose leaves are not all there, and one above tiles that are not there.
    StoredTile(level: 0, index: 2, hashes: first.hashes, root: first.root),
    StoredTile(level: 1, index: 0, hashes: first.hashes, root: first.root),
  ]
  for tile in wrong {
    let failure = await #expect(throws: EventLogFailure.self) {
      try await log.tiles.storeTiles([first, tile], of: sample.id)
    }
    #expect(failure?.kind == .broken)
  }
  try await log.tiles.storeTiles([first, second], of: sample.id)
  try await log.tiles.storeTiles([first], of: sample.id)
  #expect(try await log.tiles.tileCount(of: sample.id) == 2)
  #expect(try await hashes(.tile(level: 0, index: 0)) == first.hashes)
  #expect(try await hashes(.tile(level: 0, index: 1)) == second.hashes)
  #expect(try await hashes(.tile(level: 0, index: 2)).isEmpty)
  #expect(try await hashes(.tile(level: 1, index: 0)).isEmpty)
  #expect(try await hashes(.tileRoots(level: 0, from: 0, count: 9)) == first.root + second.root)
  #expect(try await hashes(.tileRoots(level: 0, from: 1, count: 1)) == second.root)
  #expect(try await hashes(.tileRoots(level: 0, from: 2, count: 5)).isEmpty)
  let together: [TreePart] = [
    .tileRoots(level: 0, from: 1, count: 9), .tile(level: 0, index: 7), .leafHashes(from: Position(5), count: 1),
  ]
  #expect(try await log.tiles.hashes(of: together, in: sample.id) == [second.root, [], leaves[5]])
  #expect(try await log.tiles.hashes(of: [], in: sample.id).isEmpty)
  #expect(try await log.tiles.tileCount(of: SampleLog(number: 25).id) == 0)
}

// MARK: - Time

/// The time an append reports lies between two readings of the store's clock.
public func checkEventLogStoreTime(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 19)
  let before = try await log.storeTime()
  guard case .appended(let during) = try await log.append(sample.creation(eventCount: 1)) else {
    Issue.record("the append was refused")
    return
  }
  let after = try await log.storeTime()
  #expect(before <= during)
  #expect(during <= after)
}

// MARK: - Concurrency

/// A follower sees every event exactly once and in order while somebody writes.
public func checkEventLogFollowSeesEverything(_ makeLog: () async throws -> any EventLog) async throws {
  struct AllSeen: Error {}
  let log = try await makeLog()
  let sample = SampleLog(number: 20)
  let begun = sample.creation(eventCount: 5)
  try await expectAppended(log, begun)
  let rounds = 25
  let eventCount = 5 + rounds * 3
  let seen = SeenEvents()
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      var head = begun.newHead
      for _ in 0..<rounds {
        let batch = sample.batch(on: head, eventCount: 3)
        try await expectAppended(log, batch)
        head = batch.newHead
      }
    }
    group.addTask {
      do {
        try await log.follow(sample.id, from: Position(0), pageSize: 7) { page in
          if seen.add(page) >= eventCount { throw AllSeen() }
        }
        Issue.record("the follower ended before it had seen everything")
      } catch is AllSeen {}
    }
    try await group.waitForAll()
  }
  let stored = try await log.events(of: sample.id, matching: EventQuery())
  #expect(stored.count == eventCount)
  #expect(seen.events == stored)

  let rest = SeenEvents()
  await #expect(throws: AllSeen.self) {
    try await log.follow(sample.id, from: Position(70)) { page in
      _ = rest.add(page)
      throw AllSeen()
    }
  }
  #expect(rest.events.map(\.position.value) == Array(70..<80))
}

/// Many writers on one log, each trying again after a conflict: one order, no gap, nothing lost and nothing doubled.
public func checkEventLogConcurrentAppends(_ makeLog: () async throws -> any EventLog) async throws {
  let log = try await makeLog()
  let sample = SampleLog(number: 21)
  try await expectAppended(log, sample.creation(eventCount: 1))
  let writers = 0..<32
  try await withThrowingTaskGroup(of: Void.self) { group in
    for writer in writers {
      group.addTask { try await append(by: writer, to: log, sample) }
    }
    try await group.waitForAll()
  }
  let events = try await log.events(of: sample.id, matching: EventQuery())
  let eventCount = 1 + writers.reduce(0) { $0 + writerEventCount($1) }
  #expect(events.map(\.position.value) == Array(0..<Int64(eventCount)))
  let authors = try events.dropFirst().map { event in
    try #require(EventEnvelope.decode(event.body)).envelope.commandID
  }
  var runs: [EntityID] = []
  for author in authors where runs.last != author { runs.append(author) }
  #expect(runs.count == writers.count, "the events of one append stand together")
  for writer in writers { #expect(authors.count { $0 == commandID(of: writer) } == writerEventCount(writer)) }
  var expected = MerkleSample()
  for event in events { expected.append(leafHash: event.leafHash) }
  let head = try #require(try await log.head(of: sample.id))
  #expect(head.size == LogSize(Int64(eventCount)))
  #expect(head.root == expected.root)
  let keys = writers.map { makeReceipt("writer-\($0)", answer: "").key }
  #expect(try await log.receipts(of: sample.id.plan, for: keys).count == writers.count)
}

private func writerEventCount(_ writer: Int) -> Int { 1 + writer % 3 }

private func commandID(of writer: Int) -> EntityID {
  EntityID(high: 0x7000, low: 0x8000_0000_0000_0000 | UInt64(writer))
}

private func append(by writer: Int, to log: any EventLog, _ sample: SampleLog) async throws {
  let receipt = makeReceipt("writer-\(writer)", answer: "\(writer)")
  // Every conflict means that another writer succeeded, so nobody has to try more often than there are writers.
  for _ in 0..<33 {
    let head = try #require(try await log.head(of: sample.id))
    let batch = sample.batch(
      on: head, eventCount: writerEventCount(writer), receipts: [receipt], commandID: commandID(of: writer))
    switch try await log.append(batch) {
    case .appended: return
    case .conflict: continue
    case .keysUsed, .slugTaken: Issue.record("writer \(writer) was refused for a reason that cannot be")
    }
  }
  Issue.record("writer \(writer) never succeeded")
}

private func expectAppended(
  _ log: any EventLog, _ batch: AppendBatch, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let outcome = try await log.append(batch)
  guard case .appended = outcome else {
    Issue.record("expected the append to commit, got \(outcome)", sourceLocation: sourceLocation)
    return
  }
}

private func makeReceipt(_ key: String, answer: String) -> Receipt {
  Receipt(
    key: ReceiptKey(actor: "users/0190b0a0-0000-7000-8000-000000000001", key: key),
    commandHash: Array(SHA256.hash(data: Array(key.utf8))), answer: Array(answer.utf8))
}

/// What a follower was given, in its order.
private final class SeenEvents: Sendable {
  private let list = Mutex<[StoredEvent]>([])

  var events: [StoredEvent] { list.withLock { $0 } }

  /// - Returns: how many there are now.
  func add(_ page: [StoredEvent]) -> Int {
    list.withLock { events in
      events += page
      return events.count
    }
  }
}
