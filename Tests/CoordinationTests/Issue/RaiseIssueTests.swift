import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §20
struct RaiseIssueTests {
  private var spec = DeciderSpecification.masterplan()
  private static let issue: JSON = [
    "id": id(60).json, "measure": "fachkraefte.1.I", "kind": "obstacle", "text": "Es fehlt Personal",
    "wish": "Zwei Stellen",
  ]

  init() {
    spec.assign("lead", "tu", 61)
    spec.assign("consulted", "ihk", 62)
  }

  @Test func `any assigned institution raises an issue about its measure`() {
    for (actor, institution) in [(PlanActor.lead("tu"), 34), (.contributor("ihk"), 32)] as [(PlanActor, UInt64)] {
      spec.when("raise-issue", Self.issue, as: actor).yields(
        "issue.raised.v1", on: "issues/\(id(60))",
        [
          "kind": "obstacle", "measure": id(21).json, "institution": id(institution).json, "text": "Es fehlt Personal",
          "wish": "Zwei Stellen",
        ])
    }
  }

  @Test func `an issue about the plan needs a role anywhere in it`() {
    let issue = Self.issue.replacing("measure", nil).replacing("wish", nil)
    spec.when("raise-issue", issue, as: .contributor("ihk")).yields(
      "issue.raised.v1", on: "issues/\(id(60))",
      ["kind": "obstacle", "institution": id(32).json, "text": "Es fehlt Personal"])
    spec.when("raise-issue", issue, as: .contributor("hwk"))
      .isRefused(.forbidden, "not-assigned", field: "institution", facts: ["institution": "hwk"])
  }

  @Test func `the office raises issues for anybody or for nobody in particular`() {
    spec.when("raise-issue", Self.issue.replacing("wish", nil)).yields(
      "issue.raised.v1", on: "issues/\(id(60))",
      ["kind": "obstacle", "measure": id(21).json, "text": "Es fehlt Personal"])
    spec.when("raise-issue", Self.issue.replacing("institution", "hwk"))
      .yields("issue.raised.v1", on: "issues/\(id(60))")
  }

  @Test func `who is not assigned, or speaks for another, is refused`() {
    spec.when("raise-issue", Self.issue, as: .lead("hwk"))
      .isRefused(.forbidden, "not-assigned", field: "institution", facts: ["institution": "hwk"])
    spec.when("raise-issue", Self.issue.replacing("institution", "tu"), as: .lead("ihk"))
      .isRefused(.forbidden, "other-institution", field: "institution")
    spec.when("raise-issue", Self.issue, as: .lead(nil))
      .isRefused(.malformed, "missing-field", field: "institution")
    spec.when("raise-issue", Self.issue.replacing("institution", "nobody"))
      .isRefused(.notFound, "unknown-institution", field: "institution", facts: ["reference": "nobody"])
  }

  @Test func `an unknown measure, an empty text, a taken id and an unknown document are refused`() {
    spec.when("raise-issue", Self.issue.replacing("measure", "x"), as: .lead("tu"))
      .isRefused(.notFound, "unknown-measure", field: "measure", facts: ["reference": "x"])
    spec.when("raise-issue", Self.issue.replacing("text", " \n"), as: .lead("tu"))
      .isRefused(.malformed, "empty-text", field: "text")
    spec.when("raise-issue", Self.issue.replacing("text", nil), as: .lead("tu"))
      .isRefused(.malformed, "missing-field", field: "text")
    spec.when("raise-issue", Self.issue.replacing("id", id(21).json), as: .lead("tu"))
      .isRefused(.conflict, "id-taken", field: "id", facts: ["id": id(21).json])
    spec.when("raise-issue", Self.issue.replacing("source", ["X:1"]), as: .lead("tu"))
      .isRefused(.notFound, "unknown-document", field: "source")
  }

  @Test func `a measure knows how many issues are open`() {
    var spec = spec
    spec.given("raise-issue", Self.issue, as: .lead("tu"))
    #expect(spec.plan.measure("fachkraefte.1.I")?.openIssues(on: spec.today) == 1)
    #expect(spec.plan.issues[IssueID(id(60).value)]?.state == .raised)
  }

  @Test func `nothing is raised about a measure of a version that is closed`() {
    var spec = spec
    spec.given(
      "start-successor-version", ["slug": "2022-2025", "title": "F", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given("close-plan", ["version": "2018-2021", "date": "2019-03-01", "reason": "Ende"])
    spec.when("raise-issue", Self.issue, as: .lead("tu")).isRefused(.conflict, "plan-closed")
    spec.when("raise-issue", Self.issue.replacing("measure", nil)).isAccepted()
  }
}
