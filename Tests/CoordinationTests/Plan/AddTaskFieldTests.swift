import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct AddTaskFieldTests {
  private let spec = DeciderSpecification.masterplan()
  private static let field: JSON = [
    "id": id(60).json, "cluster": "fachkraefte", "number": 2, "title": "Gewinnung", "description": "Warum",
  ]

  @Test func `a task field is added, with or without a printed number`() {
    spec.when("add-task-field", Self.field).yields(
      "task-field.added.v1", on: "task-fields/\(id(60))",
      Self.field.replacing("id", nil).replacing("cluster", id(11).json))
    var energy = spec
    energy.given(
      "add-theme-cluster", ["id": id(61).json, "actionField": "innovation", "slug": "energie", "title": "E"])
    energy.when("add-task-field", ["id": id(60).json, "cluster": "energie", "title": "T"])
      .yields("task-field.added.v1", on: "task-fields/\(id(60))", ["cluster": id(61).json, "title": "T"])
  }

  @Test(arguments: [0, -1, 100] as [JSON])
  func `a number outside 1 to 99 is refused`(number: JSON) {
    spec.when("add-task-field", Self.field.replacing("number", number))
      .isRefused(.malformed, "invalid-value", field: "number")
  }

  @Test func `a taken id or number, an unknown cluster and an unknown document are refused`() {
    spec.when("add-task-field", Self.field.replacing("id", id(13).json))
      .isRefused(.conflict, "id-taken", field: "id", facts: ["id": id(13).json])
    spec.when("add-task-field", Self.field.replacing("number", 1))
      .isRefused(.conflict, "number-taken", field: "number", facts: ["value": "1", "holder": "fachkraefte"])
    spec.when("add-task-field", Self.field.replacing("number", nil))
      .isRefused(.conflict, "number-taken", field: "number", facts: ["value": "1", "holder": "fachkraefte"])
    spec.when("add-task-field", Self.field.replacing("cluster", "energie"))
      .isRefused(.notFound, "unknown-cluster", field: "cluster", facts: ["reference": "energie"])
    spec.when("add-task-field", Self.field.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}
