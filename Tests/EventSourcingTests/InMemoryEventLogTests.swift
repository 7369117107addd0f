import EventLogConformance
import EventSourcing
import Testing

@Suite(.timeLimit(.minutes(1)))
struct InMemoryEventLogTests {
  private static func makeLog() -> any EventLog {
    InMemoryEventLog(clock: { Timestamp(microsecondsSinceEpoch: 1_600_000_000_000_000) })
  }

  @Test func `the head of a log is the one that was last appended`() async throws {
    try await checkEventLogHead(Self.makeLog)
  }

  @Test func `positions are gapless over batches of any size`() async throws {
    try await checkEventLogPositionsAreGapless(Self.makeLog)
  }

  @Test func `two plans in one store have nothing in common`() async throws {
    try await checkEventLogPlansAreApart(Self.makeLog)
  }

  @Test func `a conflict leaves nothing behind`() async throws {
    try await checkEventLogConflictLeavesNothing(Self.makeLog)
  }

  @Test func `a log that was never begun takes no append without a creation`() async throws {
    try await checkEventLogNeedsCreation(Self.makeLog)
  }

  @Test func `the identical batch sent again conflicts and doubles nothing`() async throws {
    try await checkEventLogResendConflicts(Self.makeLog)
  }

  @Test func `an append that expects an old epoch conflicts`() async throws {
    try await checkEventLogEpochs(Self.makeLog)
  }

  @Test func `a batch with a wrong leaf hash or position is refused as broken`() async throws {
    try await checkEventLogRefusesBrokenBatches(Self.makeLog)
  }

  @Test func `a key is used at most once in a plan`() async throws {
    try await checkEventLogReceipts(Self.makeLog)
  }

  @Test func `a success without events leaves its receipt`() async throws {
    try await checkEventLogReceiptsWithoutEvents(Self.makeLog)
  }

  @Test func `a slug belongs to one plan`() async throws {
    try await checkEventLogSlugs(Self.makeLog)
  }

  @Test func `plans are listed by the bytes of their slugs`() async throws {
    try await checkEventLogPlanList(Self.makeLog)
  }

  @Test func `events are read in both directions`() async throws {
    try await checkEventLogReadsBothWays(Self.makeLog)
  }

  @Test func `events are read by subject and by type`() async throws {
    try await checkEventLogReadsBySubjectAndType(Self.makeLog)
  }

  @Test func `disclosures are found by position`() async throws {
    try await checkEventLogDisclosures(Self.makeLog)
  }

  @Test func `there is one root per size and none ahead of the head`() async throws {
    try await checkEventLogCheckpoints(Self.makeLog)
  }

  @Test func `an append reports the clock of the store`() async throws {
    try await checkEventLogStoreTime(Self.makeLog)
  }

  @Test func `a follower sees everything once and in order while somebody writes`() async throws {
    try await checkEventLogFollowSeesEverything(Self.makeLog)
  }

  @Test func `32 writers that retry after conflicts end without a gap`() async throws {
    try await checkEventLogConcurrentAppends(Self.makeLog)
  }

  @Test func `a failure before the append leaves nothing, a failure after it leaves everything`() async throws {
    let log = InMemoryEventLog(clock: { Timestamp(microsecondsSinceEpoch: 0) })
    let id = LogID(plan: EntityID(high: 1, low: 1))
    let root = [UInt8](repeating: 0, count: 32)
    let head = LogHead(size: .zero, epoch: 1, root: root, frontier: [], origin: "o", lastRecordedAt: nil)
    let key = ReceiptKey(actor: "system:clock", key: "k")
    let batch = AppendBatch(
      log: id, creation: AppendBatch.Creation(slug: "s"), expectedSize: .zero, expectedEpoch: 1, newHead: head,
      events: [], disclosures: [], receipts: [Receipt(key: key, commandHash: [], answer: [])])
    log.failNextAppend(EventLogFailure(.unavailable, "not now"))
    let early = await #expect(throws: EventLogFailure.self) { try await log.append(batch) }
    #expect(early?.kind == .unavailable)
    #expect(try await log.head(of: id) == nil)
    log.failNextAppendAfterCommit(EventLogFailure(.outcomeUnknown, "gone"))
    let late = await #expect(throws: EventLogFailure.self) { try await log.append(batch) }
    #expect(late?.kind == .outcomeUnknown)
    #expect(try await log.head(of: id) == head)
    #expect(try await log.receipts(of: id.plan, for: [key]).count == 1)
    #expect(try await log.append(batch) == .conflict(size: .zero, epoch: 1))
  }

  @Test func `positions outside the log read as nothing or as its end, never as a crash`() async throws {
    let log = Self.makeLog()
    let id = LogID(plan: EntityID(high: 1, low: 1))
    let head = LogHead(
      size: .zero, epoch: 1, root: [UInt8](repeating: 0, count: 32), frontier: [], origin: "o", lastRecordedAt: nil)
    let batch = AppendBatch(
      log: id, creation: AppendBatch.Creation(slug: "s"), expectedSize: .zero, expectedEpoch: 1, newHead: head,
      events: [], disclosures: [], receipts: [])
    _ = try await log.append(batch)
    for from in [Int64.min, -1, 0, .max] {
      for order in [EventQuery.Order.oldestFirst, .newestFirst] {
        #expect(try await log.events(of: id, matching: EventQuery(from: Position(from), order: order)).isEmpty)
      }
    }
  }
}
