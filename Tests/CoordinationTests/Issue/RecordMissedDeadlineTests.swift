import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §23
struct RecordMissedDeadlineTests {
  private var spec = DeciderSpecification.masterplan()
  private static let command: JSON = ["issue": id(60).json]

  init() {
    spec.given("raise-issue", ["id": id(60).json, "kind": "question", "text": "T"])
    spec.given("escalate-issue", ["issue": id(60).json, "deadline": "2019-06-30"])
  }

  @Test func `a deadline is missed on the day after it, once`() throws {
    var spec = spec
    spec.today = day("2019-06-30")
    #expect(spec.plan.dueCommands(on: spec.today).isEmpty)
    spec.when("record-missed-deadline", Self.command, as: .clock).yieldsNothing()
    spec.today = day("2019-07-01")
    #expect(spec.plan.dueCommands(on: spec.today).map { type(of: $0).name } == ["record-missed-deadline"])
    spec.when("record-missed-deadline", Self.command, as: .clock).yields(
      "issue.decision-deadline-missed.v1", on: "issues/\(id(60))", ["level": "office", "deadline": "2019-06-30"])
    spec.given("record-missed-deadline", Self.command, as: .clock)
    spec.when("record-missed-deadline", Self.command, as: .clock).yieldsNothing()
    #expect(spec.plan.dueCommands(on: day("2030-01-01")).isEmpty)
    let issue = try #require(spec.plan.issues[IssueID(id(60).value)])
    #expect(issue.missedDeadlines == 1)
    #expect(issue.level == "office", "nothing is decided")
    #expect(issue.state == .escalated)
  }

  @Test func `a later escalation sets a new deadline, and the old one is never missed`() {
    var spec = spec
    spec.given(
      "escalate-issue",
      ["issue": id(60).json, "level": "skip", "urgent": true, "deadline": "2019-09-30", "reason": "R"])
    spec.today = day("2019-07-01")
    #expect(spec.plan.dueCommands(on: spec.today).isEmpty)
    spec.when("record-missed-deadline", Self.command, as: .clock).yieldsNothing()
  }

  @Test func `a step of a later day leaves the deadline that runs until then to the clock`() throws {
    var spec = spec
    spec.given("set-decision-deadline", ["issue": id(60).json, "deadline": "2019-10-01"], on: day("2019-09-01"))
    spec.today = day("2019-07-05")
    let due = spec.plan.dueCommands(on: spec.today)
    #expect(due.map { $0.effectiveDate(in: spec.plan) } == [day("2019-07-01")])
    spec.given("record-missed-deadline", Self.command, as: .clock, on: day("2019-07-01"))
    #expect(spec.plan.dueCommands(on: day("2019-10-01")).isEmpty)
    spec.today = day("2019-10-02")
    #expect(spec.plan.dueCommands(on: spec.today).count == 1)
    spec.given("record-missed-deadline", Self.command, as: .clock)
    let missed = try #require(spec.plan.issues[IssueID(id(60).value)]).missed
    #expect(missed.map(\.deadline) == [day("2019-06-30"), day("2019-10-01")])
    #expect(missed.map(\.mark.date) == [day("2019-07-01"), day("2019-10-02")])
    #expect(spec.plan.dueCommands(on: day("2030-01-01")).isEmpty)
  }

  @Test func `a step that comes after the deadline does not undo that it was missed`() throws {
    var spec = spec
    spec.today = day("2019-07-05")
    spec.given("withdraw-issue", ["issue": id(60).json])
    spec.given("record-missed-deadline", Self.command, as: .clock, on: day("2019-07-01"))
    let issue = try #require(spec.plan.issues[IssueID(id(60).value)])
    #expect(issue.missed.map(\.level) == ["office"])
    #expect(issue.state == .withdrawn)
    #expect(spec.plan.dueCommands(on: day("2030-01-01")).isEmpty)
  }

  @Test func `no deadline is missed on a day before its end`() {
    var spec = spec
    spec.today = day("2019-07-05")
    spec.when("record-missed-deadline", Self.command, as: .clock, on: day("2019-06-30")).yieldsNothing()
  }

  @Test func `an issue that is not there misses nothing`() {
    spec.when("record-missed-deadline", ["issue": id(99).json], as: .clock).yieldsNothing()
  }

  @Test func `what is due comes in a fixed order`() {
    var spec = spec
    for number: UInt64 in [72, 71, 73] {
      spec.given("raise-issue", ["id": id(number).json, "kind": "question", "text": "T"])
      spec.given("escalate-issue", ["issue": id(number).json, "deadline": "2019-03-10"])
    }
    let due = spec.plan.dueCommands(on: day("2019-07-01"))
    #expect(due.map(\.issue.value) == [60, 71, 72, 73].map { id($0).value })
  }
}
