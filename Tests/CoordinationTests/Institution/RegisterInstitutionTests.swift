import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct RegisterInstitutionTests {
  private let spec = DeciderSpecification.masterplan()
  private static let institution: JSON = [
    "id": id(60).json, "slug": "ibb", "short": "IBB", "name": "Investitionsbank Berlin", "kind": "bank",
  ]

  @Test func `an institution is registered`() {
    spec.when("register-institution", Self.institution)
      .yields("institution.registered.v1", on: "institutions/\(id(60))", Self.institution.replacing("id", nil))
  }

  @Test func `short form and name may be the same words`() {
    spec.when("register-institution", Self.institution.replacing("short", "Investitionsbank Berlin"))
      .yields("institution.registered.v1", on: "institutions/\(id(60))")
  }

  @Test func `a taken id, slug, name or short form and an unknown document are refused`() {
    var spec = spec
    spec.given("register-institution", Self.institution)
    let other: JSON = ["id": id(61).json, "slug": "b", "short": "B", "name": "Bank", "kind": "bank"]
    spec.when("register-institution", other.replacing("id", id(31).json))
      .isRefused(.conflict, "id-taken", field: "id", facts: ["id": id(31).json])
    spec.when("register-institution", other.replacing("slug", "ibb"))
      .isRefused(
        .conflict, "slug-taken", field: "slug",
        facts: ["value": "ibb", "holder": .string("institutions/\(id(60))")])
    spec.when("register-institution", other.replacing("name", "Investitionsbank Berlin"))
      .isRefused(
        .conflict, "name-taken", field: "name", facts: ["value": "Investitionsbank Berlin", "holder": "ibb"])
    spec.when("register-institution", other.replacing("name", "IBB"))
      .isRefused(.conflict, "name-taken", field: "name", facts: ["value": "IBB", "holder": "ibb"])
    spec.when("register-institution", other.replacing("short", "IBB"))
      .isRefused(.conflict, "name-taken", field: "short", facts: ["value": "IBB", "holder": "ibb"])
    spec.when("register-institution", other.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}
