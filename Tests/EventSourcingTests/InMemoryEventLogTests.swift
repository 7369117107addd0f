import EventLogConformance
import EventSourcing
import HangLimit
import Testing

@Suite(.hangLimit)
struct InMemoryEventLogTests {
  @Test(arguments: EventLogClaim.all) func `the log in memory keeps its promise`(claim: EventLogClaim) async throws {
    try await claim.check(Self.makeLog)
  }

  private static func makeLog() -> any EventLog {
    InMemoryEventLog(clock: { Timestamp(microsecondsSinceEpoch: 1_600_000_000_000_000) })
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
