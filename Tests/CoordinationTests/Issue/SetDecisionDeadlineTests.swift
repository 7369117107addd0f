import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct SetDecisionDeadlineTests {
  private static let command: JSON = ["issue": id(60).json, "deadline": "2019-09-30", "reason": "R"]
  private let spec = IssueStory.escalated()

  @Test func `the office and the steering circle set a new date`() throws {
    for actor in [PlanActor.office, .steering] {
      spec.when("set-decision-deadline", Self.command, as: actor).yields(
        "issue.decision-deadline-set.v1", on: IssueStory.issue, ["deadline": "2019-09-30", "reason": "R"])
    }
  }

  @Test func `the clock starts again, and what was missed stays on record`() throws {
    var spec = spec
    spec.today = day("2019-07-01")
    spec.given("record-missed-deadline", ["issue": id(60).json], as: .clock)
    #expect(spec.plan.dueCommands(on: day("2030-01-01")).isEmpty)
    spec.given("set-decision-deadline", Self.command)
    #expect(try spec.issue.missedDeadlines == 1)
    #expect(try spec.issue.state == .escalated)
    #expect(spec.plan.dueCommands(on: day("2019-09-30")).isEmpty)
    spec.today = day("2019-10-01")
    #expect(spec.plan.dueCommands(on: spec.today).count == 1)
    spec.given("record-missed-deadline", ["issue": id(60).json], as: .clock)
    let missed = try spec.issue.missed
    #expect(missed.map(\.deadline) == [day("2019-06-30"), day("2019-09-30")])
    #expect(missed.map(\.level) == ["skip", "skip"])
    #expect(spec.plan.dueCommands(on: day("2030-01-01")).isEmpty)
  }

  @Test func `a date in the past and the one that holds already are refused`() {
    var spec = spec
    spec.today = day("2019-10-01")
    spec.when("set-decision-deadline", Self.command).isRefused(.rule, "deadline-in-past", field: "deadline")
    spec.when("set-decision-deadline", Self.command.replacing("deadline", "2019-10-01")).isAccepted()
    self.spec.when("set-decision-deadline", Self.command.replacing("deadline", "2019-06-30"))
      .isRefused(.conflict, "already-set", field: "deadline")
  }

  @Test func `no decision comes before the day on which its deadline was set, which would outlive it`() {
    var spec = spec
    spec.given("set-decision-deadline", Self.command, on: day("2019-05-02"))
    let decision: JSON = ["issue": id(60).json, "body": "skip", "outcome": "decide", "text": "T", "noFollowUp": true]
    spec.when("decide-escalation", decision, as: .steering, on: day("2019-05-01"))
      .isRefused(.rule, "before-start", field: "effectiveDate")
    spec.given("decide-escalation", decision, as: .steering, on: day("2019-05-02"))
    #expect(spec.plan.dueCommands(on: day("2030-01-01")).isEmpty)
  }
}
