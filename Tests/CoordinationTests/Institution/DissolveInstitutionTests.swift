import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct DissolveInstitutionTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `an institution is dissolved, with or without a successor`() {
    let subject = "institutions/\(id(35))"
    spec.when("dissolve-institution", ["institution": "zewk"]).yields("institution.dissolved.v1", on: subject, [:])
    spec.when("dissolve-institution", ["institution": "zewk", "successor": "tu", "reason": "R", "source": ["S2:1"]])
      .yields(
        "institution.dissolved.v1", on: subject,
        ["successor": id(34).json, "reason": "R", "source": ["S2:1"]])
    spec.when("dissolve-institution", ["institution": "kammern"])
      .yields("institution.dissolved.v1", on: "groups/\(id(41))")
  }

  @Test(arguments: ["lead", "lead-partner", "contributor", "consulted", "unclear"])
  func `from that day on it gets no role, and the refusal names the successor`(role: String) {
    var spec = spec
    spec.given("dissolve-institution", ["institution": "ihk", "successor": "hwk"], on: day("2019-06-01"))
    let terms: JSON = ["measure": "fachkraefte.1.I", "institution": "ihk"]
    spec.when("assign-\(role)", terms.replacing("from", "2019-05-31")).isAccepted()
    spec.when("assign-\(role)", terms.replacing("from", "2019-06-01")).isRefused(
      .rule, "institution-dissolved", field: "institution",
      facts: ["institution": "ihk", "dissolved": "2019-06-01", "successor": "hwk"])
  }

  @Test func `without a successor of its own the last succession counts`() {
    var spec = spec
    spec.given("succeed-institution", ["predecessors": ["ihk"], "successor": "hwk"], on: day("2019-01-01"))
    spec.given("dissolve-institution", ["institution": "ihk"])
    spec.when("assign-lead", ["measure": "fachkraefte.1.I", "institution": "ihk"]).isRefused(
      .rule, "institution-dissolved", field: "institution",
      facts: ["institution": "ihk", "dissolved": "2019-03-01", "successor": "hwk"])
    spec.given("dissolve-institution", ["institution": "tu"])
    spec.when("assign-lead", ["measure": "fachkraefte.1.I", "institution": "tu"]).isRefused(
      .rule, "institution-dissolved", field: "institution",
      facts: ["institution": "tu", "dissolved": "2019-03-01", "successor": nil])
  }

  @Test func `what it holds stays on record`() {
    var spec = spec
    spec.assign("lead", "ihk", 60)
    spec.given("dissolve-institution", ["institution": "ihk", "successor": "hwk"])
    #expect(spec.plan.assignment(id(60).value)?.assignment.until == nil)
    #expect(spec.plan.party("ihk")?.name(at: spec.today) == "Institution ihk")
  }

  @Test func `twice, before its founding, itself or a dissolved one as successor are refused`() {
    var spec = spec
    spec.when("dissolve-institution", ["institution": "ihk"], on: day("2018-09-03"))
      .isRefused(.rule, "before-start", field: "effectiveDate")
    spec.when("dissolve-institution", ["institution": "ihk", "successor": "ihk"])
      .isRefused(.rule, "cycle", field: "successor")
    spec.given("dissolve-institution", ["institution": "ihk"])
    spec.when("dissolve-institution", ["institution": "ihk"])
      .isRefused(.conflict, "already-dissolved", field: "institution", facts: ["dissolved": "2019-03-01"])
    spec.when("dissolve-institution", ["institution": "tu", "successor": "ihk"]).isRefused(
      .rule, "successor-dissolved", field: "successor", facts: ["successor": "ihk", "dissolved": "2019-03-01"])
  }
}
