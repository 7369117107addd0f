import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// Taking up, resolving, closing, withdrawing and reopening differ in who may do it.
struct PlainStepTests {
  private static let command: JSON = ["issue": id(60).json, "reason": "R"]
  private static let raiser = PlanActor.contributor("ihk")
  private static let lead = PlanActor.lead("tu")
  private static let other = PlanActor.contributor("hwk")

  @Test func `the office takes issues up`() {
    IssueStory.begun.when("take-up-issue", Self.command)
      .yields("issue.taken-up.v1", on: IssueStory.issue, ["reason": "R"])
    IssueStory.begun.when("take-up-issue", ["issue": id(60).json])
      .yields("issue.taken-up.v1", on: IssueStory.issue, [:])
  }

  @Test func `who raised it, or the office, withdraws it`() {
    for actor in [Self.raiser, .office] {
      IssueStory.begun.when("withdraw-issue", Self.command, as: actor)
        .yields("issue.withdrawn.v1", on: IssueStory.issue, ["reason": "R"])
    }
    for actor in [Self.lead, Self.other, .steering] {
      IssueStory.begun.when("withdraw-issue", Self.command, as: actor)
        .isRefused(.forbidden, "not-yours", field: "issue", facts: ["allowed": ["raiser", "office"]])
    }
  }

  @Test func `those concerned, or the office, say that it is solved or open again`() {
    let steps: [(Coordination.Issue.State, String, String)] = [
      (.accepted, "resolve-issue", "issue.resolved.v1"), (.decided, "resolve-issue", "issue.resolved.v1"),
      (.withdrawn, "reopen-issue", "issue.reopened.v1"), (.closed, "reopen-issue", "issue.reopened.v1"),
    ]
    for (state, command, event) in steps {
      let spec = IssueStory.inState(state)
      for actor in [Self.raiser, Self.lead, .office] {
        spec.when(command, Self.command, as: actor).yields(event, on: IssueStory.issue, ["reason": "R"])
      }
      spec.when(command, Self.command, as: Self.other)
        .isRefused(.forbidden, "not-yours", field: "issue", facts: ["allowed": ["office", "raiser", "lead"]])
    }
  }

  @Test func `a right lasts as long as the role behind it`() {
    var spec = IssueStory.inState(.accepted)
    spec.given("end-assignment", ["assignment": id(61).json, "until": "2019-04-01"])
    spec.today = day("2019-04-01")
    spec.when("resolve-issue", Self.command, as: Self.lead).isRefused(.forbidden, "not-yours", field: "issue")
    spec.when("resolve-issue", Self.command, as: Self.raiser).isAccepted()
  }

  @Test func `the office closes what is solved or decided`() {
    for state in [Coordination.Issue.State.resolved, .decided] {
      IssueStory.inState(state).when("close-issue", Self.command)
        .yields("issue.closed.v1", on: IssueStory.issue, ["reason": "R"])
    }
  }

  @Test func `a reopened issue starts at the bottom of the ladder`() throws {
    var spec = IssueStory.inState(.decided)
    #expect(try spec.issue.level == "skip")
    spec.given("close-issue", Self.command)
    spec.given("reopen-issue", Self.command)
    #expect(try spec.issue.level == nil)
    #expect(spec.plan.level(of: try spec.issue, on: spec.today)?.slug.text == "lead")
    spec.when("escalate-issue", ["issue": id(60).json, "deadline": "2019-06-30"]).yields(
      "issue.escalated.v1", on: IssueStory.issue, ["level": "office", "deadline": "2019-06-30"])
    spec.given("escalate-issue", ["issue": id(60).json, "deadline": "2019-06-30"])
    spec.given(
      "decide-escalation", ["issue": id(60).json, "body": "senweb", "outcome": "refuse", "noFollowUp": true])
    #expect(try spec.issue.decisions.map(\.outcome) == [.decide, .refuse])
  }
}
