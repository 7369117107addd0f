import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §8
struct ClosePlanTests {
  private let spec = DeciderSpecification.masterplan()

  /// The plan of the samples, with all its versions closed since yesterday.
  private static func closed(_ command: String) -> DeciderSpecification {
    var spec = CommandSamples.spec(for: command)
    spec.given("close-plan", ["version": "2018-2021", "date": "2019-04-02", "reason": "Ende"])
    spec.given("close-plan", ["version": "2019-2025", "date": "2022-04-02", "reason": "Ende"])
    spec.today = day("2022-04-03")
    return spec
  }

  @Test func `a version is closed with a reason from a day on`() {
    spec.when("close-plan", ["date": "2021-12-31", "reason": "Ende"]).yields(
      "plan.closed.v1", on: "plans/\(id(0))", ["version": id(1).json, "date": "2021-12-31", "reason": "Ende"])
    spec.when("close-plan", ["reason": "Ende"], on: day("2019-02-01")).yields(
      "plan.closed.v1", on: "plans/\(id(0))", ["version": id(1).json, "date": "2019-02-01", "reason": "Ende"])
  }

  @Test func `it is closed once, and not before it began`() {
    spec.when("close-plan", ["date": "2018-04-30", "reason": "Ende"])
      .isRefused(.rule, "end-before-start", field: "date", facts: ["from": "2018-05-01"])
    spec.when("close-plan", ["date": "2019-03-01"]).isRefused(.malformed, "missing-field", field: "reason")
    var closing = spec
    closing.given("close-plan", ["date": "2021-12-31", "reason": "Ende"])
    closing.when("close-plan", ["date": "2020-12-31", "reason": "Früher"])
      .isRefused(.conflict, "plan-closed", facts: ["closed": "2021-12-31"])
  }

  @Test(arguments: CommandSamples.accepted.keys.sorted().filter { $0 != "create-plan" })
  func `a closed plan takes corrections, links and what carries it on, and nothing else`(command: String) throws {
    let json = try #require(CommandSamples.accepted[command])
    let kind = try #require(CommandCatalogue.byName[command])
    let outcome = Self.closed(command).when(command, json, as: CommandSamples.actor(for: command))
    guard kind.isForClosedPlans else {
      return outcome.isRefused(.conflict, "plan-closed", facts: ["closed": "2022-04-02"])
    }
    // The version into which the sample carries a measure over is closed too.
    guard command != "carry-over-measure" else {
      return outcome.isRefused(.conflict, "plan-closed", field: "version", facts: ["closed": "2022-04-02"])
    }
    if case .failure(let refusal) = outcome.result { #expect(refusal.code != "plan-closed") }
  }

  @Test func `before the day of closing everything goes on, but nothing takes effect later`() {
    var spec = spec
    spec.given("close-plan", ["date": "2019-12-31", "reason": "Ende"])
    spec.today = day("2019-12-30")
    let command: JSON = ["item": "fachkraefte.1.I", "title": "Neu"]
    spec.when("revise-wording", command).isAccepted()
    spec.when("revise-wording", command, on: day("2019-12-31"))
      .isRefused(.conflict, "plan-closed", field: "effectiveDate", facts: ["closed": "2019-12-31"])
    spec.today = day("2019-12-31")
    spec.when("revise-wording", command, on: day("2019-06-01"))
      .isRefused(.conflict, "plan-closed", facts: ["closed": "2019-12-31"])
  }

  @Test func `links can still be made`() {
    var spec = spec
    spec.given("close-plan", ["date": "2019-03-01", "reason": "Ende"])
    spec.when("link-measures", ["measure": "fachkraefte.1.I", "to": "fachkraefte.1.II"]).isAccepted()
    spec.when("link-strategy", ["measure": "fachkraefte.1.I", "strategy": "bek"]).isAccepted()
    spec.when("declare-dependency", ["measure": "fachkraefte.1.I", "on": "fachkraefte.1.II"])
      .isRefused(.conflict, "plan-closed", facts: ["closed": "2019-03-01"])
  }

  @Test func `deadlines pass on a closed plan too`() {
    var spec = spec
    spec.given("raise-issue", ["id": id(91).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"])
    spec.given("escalate-issue", ["issue": id(91).json, "deadline": "2019-03-31"])
    spec.given("close-plan", ["reason": "Ende"])
    spec.today = day("2019-04-01")
    spec.when("record-missed-deadline", ["issue": id(91).json], as: .clock).isAccepted()
  }

  @Test func `a measure is closed with its version while the next one goes on`() {
    var spec = spec
    spec.given("close-plan", ["reason": "Ende"])
    spec.given(
      "start-successor-version",
      ["id": id(2).json, "slug": "b", "title": "B", "from": "2019-03-01", "until": "2025-12-31"])
    spec.given("carry-over-measure", ["id": id(60).json, "measure": "fachkraefte.1.I"])
    let part: JSON = ["measure": id(21).json, "part": "A", "title": "Teil"]
    spec.when("add-sub-measure", part).isRefused(.conflict, "plan-closed", facts: ["closed": "2019-03-01"])
    spec.when("add-sub-measure", part.replacing("measure", id(60).json)).isAccepted()
    spec.when("renumber-measure", ["measure": id(21).json, "number": "X"])
      .isRefused(.conflict, "plan-closed", facts: ["closed": "2019-03-01"])
    spec.when("renumber-measure", ["measure": id(60).json, "number": "X"]).isAccepted()
    spec.when("revise-wording", ["item": "fachkraefte", "title": "Neu"]).isAccepted()
  }

  @Test func `issues about its measures are closed with a version, those about the plan are not`() {
    var spec = spec
    spec.given("raise-issue", ["id": id(91).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"])
    spec.given("raise-issue", ["id": id(92).json, "kind": "question", "text": "T"])
    spec.given("close-plan", ["reason": "Ende"])
    spec.given("start-successor-version", ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.when("take-up-issue", ["issue": id(91).json])
      .isRefused(.conflict, "plan-closed", facts: ["closed": "2019-03-01"])
    spec.when("take-up-issue", ["issue": id(92).json]).isAccepted()
    spec.when("adopt-plan", ["version": "2018-2021", "resolution": "R", "date": "2018-09-04", "body": "senat"])
      .isRefused(.conflict, "plan-closed", facts: ["closed": "2019-03-01"])
  }
}
