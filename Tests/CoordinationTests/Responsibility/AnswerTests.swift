import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §3
struct AnswerTests {
  private var spec = DeciderSpecification.masterplan()
  private static let answers = ["accept-assignment", "decline-assignment"]
  private static let lead: JSON = ["assignment": id(60).json]

  init() { spec.assign("lead", "kammern", 60) }

  private func state(_ spec: DeciderSpecification, on date: String, _ number: UInt64 = 60) -> Assignment.State? {
    spec.plan.assignment(id(number).value)?.assignment.state(on: day(date))
  }

  @Test func `silence stays silence, however long`() { #expect(state(spec, on: "2021-12-31") == .named) }

  @Test func `a member says yes for its group`() {
    var spec = spec
    spec.when("accept-assignment", Self.lead, as: .lead("ihk")).yields(
      "measure.assignment-accepted.v1", on: "measures/\(id(21))",
      ["assignment": id(60).json, "institution": id(32).json])
    spec.given("accept-assignment", Self.lead, as: .lead("ihk"), on: day("2019-04-01"))
    #expect(state(spec, on: "2019-03-31") == .named)
    #expect(state(spec, on: "2019-04-01") == .confirmed)
  }

  @Test func `who declined no longer reports, leads or takes a place under the cap`() throws {
    var spec = spec
    spec.when("decline-assignment", Self.lead.replacing("reason", "Kein Personal"), as: .lead("ihk")).yields(
      "measure.assignment-declined.v1", on: "measures/\(id(21))",
      ["assignment": id(60).json, "institution": id(32).json, "reason": "Kein Personal"])
    spec.assign("lead", "senweb", 61)
    spec.given("decline-assignment", Self.lead, as: .lead("ihk"), on: day("2019-04-01"))
    #expect(state(spec, on: "2019-04-01") == .declined)
    let report: JSON = ["measure": "fachkraefte.1.I", "condition": "on-track"]
    spec.when("report-progress", report, as: .lead("ihk"), on: day("2019-03-31")).isAccepted()
    spec.when("report-progress", report, as: .lead("ihk"), on: day("2019-04-01"))
      .isRefused(.forbidden, "not-assigned", field: "institution")
    let third: JSON = ["measure": "fachkraefte.1.I", "institution": "tu"]
    spec.when("assign-lead", third.replacing("from", "2019-03-31")).isRefused(.rule, "lead-cap", field: "institution")
    spec.when("assign-lead", third.replacing("from", "2019-04-01")).isAccepted()
  }

  @Test(arguments: answers)
  func `only the institution that is named answers, not the office for it`(command: String) {
    for other in ["tu", "senweb"] {
      spec.when(command, Self.lead, as: .lead(other))
        .isRefused(.forbidden, "not-named", field: "assignment", facts: ["institution": "kammern"])
    }
    spec.when(command, Self.lead, as: .office).isRefused(.forbidden, "role-not-allowed")
    spec.when(command, Self.lead, as: .lead(nil)).isRefused(.malformed, "missing-field", field: "institution")
    // It has left the group by then.
    spec.when(command, Self.lead, as: .contributor("hwk"), on: day("2019-07-01"))
      .isRefused(.forbidden, "not-named", field: "assignment")
    spec.when(command, ["assignment": id(99).json], as: .lead("ihk"))
      .isRefused(.notFound, "unknown-assignment", field: "assignment")
  }

  @Test(arguments: answers)
  func `a parent answers for its unit`(command: String) {
    var spec = spec
    spec.assign("contributor", "zewk", 62)
    spec.when(command, ["assignment": id(62).json], as: .contributor("tu")).isAccepted()
  }

  @Test(arguments: answers, answers)
  func `an answer is given once`(first: String, second: String) {
    var spec = spec
    spec.given(first, Self.lead, as: .lead("ihk"))
    spec.when(second, Self.lead, as: .lead("hwk")).isRefused(
      .conflict, "already-answered", field: "assignment",
      facts: ["state": first == "accept-assignment" ? "confirmed" : "declined"])
  }

  @Test(arguments: answers)
  func `what ended before it was recorded needs no answer`(command: String) {
    var spec = spec
    spec.assign("contributor", "tu", 63, ["from": "2018-10-01", "until": "2019-02-01"])
    spec.when(command, ["assignment": id(63).json], as: .contributor("tu"))
      .isRefused(.conflict, "assignment-ended", field: "assignment", facts: ["until": "2019-02-01"])
    // As of a day on which it was valid, it can still be told.
    spec.when(command, ["assignment": id(63).json], as: .contributor("tu"), on: day("2019-01-31")).isAccepted()
  }

  @Test func `yes to a dormant role wakes nothing; it is confirmed once the condition comes true`() {
    var spec = spec
    spec.assign("contributor", "tu", 64, ["condition": "ggf."])
    spec.given("accept-assignment", ["assignment": id(64).json], as: .contributor("tu"))
    #expect(state(spec, on: "2019-03-01", 64) == .dormant)
    spec.given("activate-condition", ["assignment": id(64).json, "reason": "R"], on: day("2019-05-01"))
    #expect(state(spec, on: "2019-04-30", 64) == .dormant)
    #expect(state(spec, on: "2019-05-01", 64) == .confirmed)
  }
}
