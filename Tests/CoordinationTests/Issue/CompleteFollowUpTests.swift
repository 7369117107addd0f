import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct CompleteFollowUpTests {
  private var spec = IssueStory.escalated()
  private static let command: JSON = ["followUp": id(71).json, "text": "Ausgeschrieben"]

  init() {
    spec.given(
      "decide-escalation",
      [
        "issue": id(60).json, "body": "skip", "outcome": "decide",
        "followUps": [["id": id(71).json, "text": "T", "responsible": "kammern", "due": "2019-12-31"]],
      ], on: day("2019-04-01"))
    spec.today = day("2019-04-02")
  }

  @Test func `who is responsible, or the office, completes it`() {
    for actor in [PlanActor.contributor("ihk"), .office] {
      spec.when("complete-follow-up", Self.command, as: actor).yields(
        "issue.follow-up-completed.v1", on: IssueStory.issue,
        ["followUp": id(71).json, "text": "Ausgeschrieben"])
    }
    spec.when("complete-follow-up", Self.command, as: .lead("tu"))
      .isRefused(.forbidden, "not-yours", field: "followUp")
  }

  @Test func `it is completed once, and not before it was assigned`() throws {
    var spec = spec
    spec.when("complete-follow-up", Self.command, on: day("2019-03-31"))
      .isRefused(.rule, "before-start", field: "effectiveDate", facts: ["start": "2019-04-01"])
    spec.given("complete-follow-up", Self.command)
    #expect(try spec.issue.followUps.first?.completed?.date == day("2019-04-02"))
    #expect(try spec.issue.state == .decided)
    spec.when("complete-follow-up", Self.command)
      .isRefused(.conflict, "already-completed", field: "followUp", facts: ["date": "2019-04-02"])
  }

  @Test func `an unknown one is not found`() {
    spec.when("complete-follow-up", Self.command.replacing("followUp", id(99).json))
      .isRefused(.notFound, "unknown-follow-up", field: "followUp", facts: ["reference": id(99).json])
  }
}
