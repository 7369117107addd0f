import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct ErasePersonalDataTests {
  private var spec = DeciderSpecification.masterplan()
  /// The position of the event that says who the contact is.
  private let contact: Int64

  init() {
    spec.given("appoint-contact", ["institution": "tu", "name": "N", "mail": "M"])
    contact = spec.plan.size.value - 1
  }

  private func erasing(_ fields: JSON? = nil) -> JSON {
    let all: JSON = ["event": .integer(contact), "reason": "requested"]
    return fields.map { all.replacing("fields", $0) } ?? all
  }

  @Test func `all of an event is erased unless fields are named`() {
    spec.when("erase-personal-data", erasing()).yields(
      "plan.personal-data-erased.v1", on: "institutions/\(id(34))",
      ["event": .integer(contact), "fields": ["name", "function", "phone", "mail"], "reason": "requested"])
    spec.when("erase-personal-data", erasing(["mail"])).yields(
      "plan.personal-data-erased.v1", on: "institutions/\(id(34))",
      ["event": .integer(contact), "fields": ["mail"], "reason": "requested"])
  }

  @Test mutating func `what is erased already is not erased again`() {
    spec.given("erase-personal-data", erasing(["mail", "phone"]))
    spec.when("erase-personal-data", erasing(["phone"])).yieldsNothing()
    spec.when("erase-personal-data", erasing()).yields(
      "plan.personal-data-erased.v1", on: "institutions/\(id(34))",
      ["event": .integer(contact), "fields": ["name", "function"], "reason": "requested"])
    spec.given("erase-personal-data", erasing())
    spec.when("erase-personal-data", erasing()).yieldsNothing()
  }

  @Test mutating func `a reader is told that a value was erased, and not that there was none`() throws {
    let position = Position(contact)
    #expect(spec.plan.erasableEvents[position]?.erased == [])
    spec.given("erase-personal-data", erasing(["mail"]))
    #expect(spec.plan.erasableEvents[position]?.erased == ["mail"])
    // Structure and the acts of institutions stay.
    #expect(spec.plan.party("tu")?.contacts.last == position)
    #expect(spec.plan.subjects[id(34).value]?.version == spec.plan.size.lastPosition)
  }

  @Test func `the event tells the log what to delete`() throws {
    let event = try #require(try spec.when("erase-personal-data", erasing(["mail"])).result.get().first)
    #expect(event.fact.erasures == [Erasure(position: Position(contact), fields: ["mail"])])
    // Also when it is read back, so that erasures can be carried out again from the log alone.
    let stored = FactCatalogue.fact(type: PersonalDataErased.type, data: event.storedData())
    #expect(stored?.erasures == event.fact.erasures)
    let contactEvent = try #require(spec.history.last?.fact)
    #expect(contactEvent.erasures.isEmpty)
  }

  @Test func `the office alone erases`() {
    for role in Role.allCases where !Set<Role>([.coordinator, .system]).contains(role) {
      spec.when("erase-personal-data", erasing(), as: .sample(role))
        .isRefused(
          .forbidden, "role-not-allowed",
          facts: ["role": .string(role.rawValue), "allowed": ["coordinator", "system"]])
    }
  }

  @Test(arguments: [-1, 1_000_000]) func `an event that there is not is not found`(position: Int64) {
    spec.when("erase-personal-data", ["event": .integer(position), "reason": "requested"])
      .isRefused(
        .notFound, "unknown-event", field: "event", facts: ["reference": .string(String(position))])
  }

  @Test func `what stands in the log in clear cannot be erased`() {
    spec.when("erase-personal-data", ["event": 1, "reason": "requested"])
      .isRefused(.rule, "nothing-to-erase", field: "event")
    spec.when("erase-personal-data", erasing(["mail", "institution"])).isRefused(
      .rule, "not-erasable", field: "fields[1]", facts: ["fields": ["name", "function", "phone", "mail"]])
  }

  @Test func `the reason is one of a list`() {
    spec.when("erase-personal-data", erasing().replacing("reason", "Frau N. wünscht es"))
      .isRefused(.malformed, "invalid-value", field: "reason")
  }

  @Test mutating func `a recorded erasure of nothing is folded without a trace`() {
    let before = spec.plan.erasableEvents.count
    spec.record(
      [NewEvent(spec.plan.subject, PersonalDataErased(event: -7, fields: [], reason: .mistaken))],
      on: day("2019-03-01"))
    #expect(spec.plan.erasableEvents.count == before)
  }

  @Test func `every event with a field that can be erased is known by it`() throws {
    for (command, json) in CommandSamples.accepted {
      var spec = CommandSamples.spec(for: command)
      spec.given(command, json, as: CommandSamples.actor(for: command))
      for (fact, record, _) in spec.history {
        func erasable<Fact: PlanFact>(_ fact: Fact) -> [String] {
          Fact.record.fields.filter(\.isDisclosable).map(\.name)
        }
        let fields = erasable(fact)
        #expect(spec.plan.erasableEvents[record.position]?.fields ?? [] == fields, "\(command)")
      }
    }
  }
}
