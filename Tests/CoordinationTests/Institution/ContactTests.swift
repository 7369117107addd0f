import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct ContactTests {
  private let spec = DeciderSpecification.masterplan()
  private static let contact: JSON = [
    "institution": "ihk", "name": "Vor Name", "function": "Referat", "phone": "030 1", "mail": "a@b.example",
  ]

  @Test func `a contact is appointed, and everything about the person can be erased`() throws {
    let data = Self.contact.replacing("institution", nil)
    let outcome = spec.when("appoint-contact", Self.contact)
    outcome.yields("institution.contact-appointed.v1", on: "institutions/\(id(32))", data)
    let stored = try #require(try outcome.result.get().first).storedData()
    #expect(stored.members?.map(\.key) == ["_sd"])
  }

  @Test func `the plan keeps since when there is one, and which event says who`() throws {
    var spec = spec
    let first = spec.plan.size.nextPosition
    spec.given("appoint-contact", Self.contact)
    spec.given("replace-contact", ["institution": "ihk", "name": "Nach Folge"], on: day("2019-09-01"))
    let contacts = try #require(spec.plan.party("ihk")).contacts
    #expect(contacts.value(at: day("2019-02-28")) == nil)
    #expect(contacts.value(at: day("2019-08-31")) == first)
    #expect(contacts.value(at: day("2019-09-01")) == Position(first.value + 1))
  }

  @Test func `an institution names its own contact, and nobody else's`() {
    spec.when("appoint-contact", Self.contact.replacing("institution", nil), as: .contributor("ihk"))
      .yields("institution.contact-appointed.v1", on: "institutions/\(id(32))")
    spec.when("appoint-contact", Self.contact, as: .lead("tu"))
      .isRefused(.forbidden, "other-institution", field: "institution")
  }

  @Test func `a second appointment, a replacement of nobody and a placeholder are refused`() {
    var spec = spec
    spec.when("replace-contact", Self.contact).isRefused(.conflict, "no-contact", field: "institution")
    spec.given("appoint-contact", Self.contact)
    spec.when("appoint-contact", Self.contact)
      .isRefused(.conflict, "contact-exists", field: "institution", facts: ["since": "2019-03-01"])
    spec.when("replace-contact", Self.contact)
      .yields("institution.contact-replaced.v1", on: "institutions/\(id(32))")
    spec.given("register-placeholder", ["slug": "p", "label": "P", "steward": "tu", "due": "2019-12-31"])
    spec.when("appoint-contact", Self.contact.replacing("institution", "p"))
      .isRefused(.rule, "not-an-institution", field: "institution")
  }
}
