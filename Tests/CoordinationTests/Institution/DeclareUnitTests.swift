import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct DeclareUnitTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `an institution becomes a unit of another`() {
    spec.when("declare-unit", ["unit": "ihk", "of": "senweb"])
      .yields("institution.unit-declared.v1", on: "institutions/\(id(32))", ["of": id(31).json])
  }

  @Test func `a unit has one parent`() {
    spec.when("declare-unit", ["unit": "zewk", "of": "senweb"]).isRefused(.conflict, "already-a-unit", field: "unit")
  }

  @Test func `a parent is no unit of its own unit`() {
    spec.when("declare-unit", ["unit": "tu", "of": "zewk"]).isRefused(.rule, "cycle", field: "of")
    spec.when("declare-unit", ["unit": "tu", "of": "tu"]).isRefused(.rule, "cycle", field: "of")
  }

  @Test func `an unknown unit, parent or document is refused`() {
    spec.when("declare-unit", ["unit": "x", "of": "tu"])
      .isRefused(.notFound, "unknown-institution", field: "unit", facts: ["reference": "x"])
    spec.when("declare-unit", ["unit": "ihk", "of": "x"])
      .isRefused(.notFound, "unknown-institution", field: "of", facts: ["reference": "x"])
    spec.when("declare-unit", ["unit": "ihk", "of": "tu", "source": ["X:1"]])
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}
