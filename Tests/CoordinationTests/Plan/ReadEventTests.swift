import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct ReadEventTests {
  private let plan = Plan(id: id(0).value)

  private func stored(
    _ payload: any EventPayload, of owner: SampleID = id(0), at position: Int64 = 0, type: String? = nil
  ) -> StoredEvent {
    let envelope = EventEnvelope(
      log: LogID(plan: owner.value), epoch: 1, position: Position(position),
      type: type ?? Swift.type(of: payload).type, subject: Subject("plans", owner.value),
      time: Timestamp(microsecondsSinceEpoch: 0), effectiveDate: day("2019-03-01"), actor: .system("import"),
      onBehalfOf: nil, commandID: id(2).value, correlationID: id(2).value, causationID: nil, recordedSource: .api)
    var sink = DisclosureSink(seed: 1)
    return stored(envelope.encode(payload, disclosing: &sink), at: position)
  }

  private func stored(_ body: [UInt8], at position: Int64 = 0) -> StoredEvent {
    StoredEvent(
      position: Position(position), type: "", subject: "", effectiveDate: day("2019-03-01"),
      recordedAt: Timestamp(microsecondsSinceEpoch: 0), body: body, leafHash: [])
  }

  private func read(_ event: StoredEvent) throws -> ReadEvent {
    try event.body.withUnsafeBytes { PreparedEvent(event.position, $0) }.next(in: plan)
  }

  private func created() throws -> any EventPayload {
    let fact = FactCatalogue.fact(type: "org.federwerk.plan.created.v1", data: ["slug": "s", "title": "T"])
    return try #require(fact)
  }

  @Test func `the next event of the plan is read whole`() throws {
    let event = try read(stored(try created()))
    #expect(type(of: event.fact).type == "org.federwerk.plan.created.v1")
    #expect(event.envelope.position == Position(0))
    #expect(event.envelope.subject == plan.subject)
  }

  @Test func `what cannot be read says where and why`() throws {
    let created = try created()
    let unreadable: [(StoredEvent, UnreadableEvent.Reason)] = [
      (stored(Array("{}".utf8)), .malformed), (stored(created, of: id(1)), .misplaced),
      (stored(created, at: 1), .misplaced),
      (
        stored(created, type: "org.federwerk.plan.abolished.v1"), .unknownFacts(type: "org.federwerk.plan.abolished.v1")
      ),
    ]
    for (event, reason) in unreadable {
      #expect(throws: UnreadableEvent(position: event.position, reason: reason)) { try read(event) }
    }
  }
}
