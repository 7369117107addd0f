import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §41, conditions
struct ActivateConditionTests {
  private var spec = DeciderSpecification.masterplan()
  private static let activate: JSON = ["assignment": id(60).json, "reason": "Die Testphase ist bewilligt"]

  init() { spec.assign("lead", "tu", 60, ["condition": "nach der Testphase"]) }

  private func state(_ spec: DeciderSpecification, on date: String) -> Assignment.State? {
    spec.plan.assignment(id(60).value)?.assignment.state(on: day(date))
  }

  @Test func `a condition comes true on a day, and its text stays`() {
    var spec = spec
    spec.when("activate-condition", Self.activate.replacing("source", ["S2:951"]), on: day("2019-04-01")).yields(
      "measure.condition-activated.v1", on: "measures/\(id(21))",
      [
        "assignment": id(60).json, "from": "2019-04-01", "reason": "Die Testphase ist bewilligt",
        "source": ["S2:951"],
      ])
    spec.given("activate-condition", Self.activate, on: day("2019-04-01"))
    #expect(state(spec, on: "2019-03-31") == .dormant)
    #expect(state(spec, on: "2019-04-01") == .active)
    #expect(spec.plan.assignment(id(60).value)?.assignment.condition == "nach der Testphase")
  }

  @Test func `a dormant lead neither reports nor escalates until then`() {
    var spec = spec
    spec.given("raise-issue", ["id": id(80).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"])
    spec.given("activate-condition", Self.activate, on: day("2019-04-01"))
    let report: JSON = ["measure": "fachkraefte.1.I", "condition": "on-track"]
    let escalation: JSON = ["issue": id(80).json, "deadline": "2019-12-31"]
    spec.when("report-progress", report, as: .lead("tu"), on: day("2019-03-31"))
      .isRefused(.forbidden, "not-assigned", field: "institution")
    spec.when("escalate-issue", escalation, as: .lead("tu"), on: day("2019-03-31"))
      .isRefused(.forbidden, "not-yours", field: "issue")
    spec.when("report-progress", report, as: .lead("tu"), on: day("2019-04-01")).isAccepted()
    spec.when("escalate-issue", escalation, as: .lead("tu"), on: day("2019-04-01")).isAccepted()
  }

  @Test func `a dormant lead takes no place under the cap; waking up it needs one`() {
    var spec = spec
    spec.assign("lead", "ihk", 61)
    spec.assign("lead", "hwk", 62, ["until": "2019-06-01"])
    spec.when("activate-condition", Self.activate, on: day("2019-05-31")).isRefused(
      .rule, "lead-cap", field: "assignment",
      facts: ["leadCap": 2, "leads": ["hwk", "ihk"], "exception": "grant-lead-cap-exception"])
    spec.given("activate-condition", Self.activate, on: day("2019-06-01"))
    // The other way round, a third lead is in the way of what will have woken up.
    let third: JSON = ["measure": "fachkraefte.1.I", "institution": "senweb", "from": "2019-06-01"]
    spec.when("assign-lead", third).isRefused(.rule, "lead-cap", field: "institution")
    spec.when("assign-lead", third.replacing("condition", "ggf.")).isAccepted()
  }

  @Test func `the institution itself may say so, others may not`() {
    spec.when("activate-condition", Self.activate, as: .lead("tu")).isAccepted()
    spec.when("activate-condition", Self.activate, as: .lead("ihk"))
      .isRefused(.forbidden, "not-named", field: "assignment")
  }

  @Test func `what is not dormant, is unknown or has no source is refused`() {
    var spec = spec
    spec.when("activate-condition", Self.activate.replacing("reason", nil))
      .isRefused(.rule, "source-needed", field: "source")
    spec.when("activate-condition", Self.activate.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
    spec.assign("contributor", "ihk", 63)
    spec.when("activate-condition", Self.activate.replacing("assignment", id(63).json))
      .isRefused(.conflict, "not-dormant", field: "assignment", facts: ["state": "named"])
    spec.when("activate-condition", Self.activate.replacing("assignment", id(99).json))
      .isRefused(.notFound, "unknown-assignment", field: "assignment")
    spec.given("activate-condition", Self.activate)
    spec.when("activate-condition", Self.activate)
      .isRefused(.conflict, "not-dormant", field: "assignment", facts: ["state": "active"])
    // It turns out to have come true earlier.
    spec.when("activate-condition", Self.activate, on: day("2019-02-01")).isAccepted()
  }
}
