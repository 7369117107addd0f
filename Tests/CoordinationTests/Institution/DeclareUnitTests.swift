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

  @Test func `a unit has one parent at a time`() {
    spec.when("declare-unit", ["unit": "zewk", "of": "tu"]).isRefused(.conflict, "already-a-unit", field: "unit")
    spec.when("declare-unit", ["unit": "zewk", "of": "senweb"]).isAccepted()
  }

  @Test func `a unit gives its parent rights from its day on, and takes them from the one before`() {
    var spec = spec
    spec.assign("lead", "ihk", 61)
    let report: JSON = ["measure": "fachkraefte.1.I", "condition": "on-track"]
    spec.given("declare-unit", ["unit": "ihk", "of": "senweb"], on: day("2019-06-01"))
    spec.when("report-progress", report, as: .lead("senweb")).isRefused(
      .forbidden, "not-assigned", field: "institution")
    spec.given("declare-unit", ["unit": "ihk", "of": "hwk"], on: day("2019-08-01"))
    spec.today = day("2019-09-01")
    spec.when("report-progress", report, as: .lead("senweb"), on: day("2019-07-31")).isAccepted()
    spec.when("report-progress", report, as: .lead("senweb")).isRefused(
      .forbidden, "not-assigned", field: "institution")
    spec.when("report-progress", report, as: .lead("hwk")).isAccepted()
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
