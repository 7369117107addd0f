import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct AddActionFieldTests {
  private let spec = DeciderSpecification.masterplan()
  private static let field: JSON = ["id": id(60).json, "number": 2, "slug": "standort", "title": "Standort"]

  @Test func `an action field is added`() {
    spec.when("add-action-field", Self.field)
      .yields("action-field.added.v1", on: "action-fields/\(id(60))", Self.field.replacing("id", nil))
  }

  @Test func `it needs a plan version first`() {
    var bare = DeciderSpecification()
    bare.given("create-plan", ["slug": "s", "title": "T"])
    bare.when("add-action-field", Self.field).isRefused(.conflict, "no-plan-version")
  }

  @Test func `a taken id, number or slug and an unknown document are refused`() {
    spec.when("add-action-field", Self.field.replacing("id", id(10).json))
      .isRefused(.conflict, "id-taken", field: "id", facts: ["id": id(10).json])
    spec.when("add-action-field", Self.field.replacing("number", 1))
      .isRefused(.conflict, "number-taken", field: "number", facts: ["value": "1", "holder": "action field"])
    spec.when("add-action-field", Self.field.replacing("slug", "innovation"))
      .isRefused(.conflict, "slug-taken", field: "slug", facts: ["value": "innovation", "holder": "action field"])
    spec.when("add-action-field", Self.field.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source", facts: ["reference": "X"])
  }
}
