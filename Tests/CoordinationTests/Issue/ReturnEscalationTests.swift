import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct ReturnEscalationTests {
  private static let command: JSON = ["issue": id(60).json, "body": "skip", "reason": "Erst vor Ort klären"]
  private let spec = IssueStory.escalated()

  @Test func `a body returns an issue one level down`() throws {
    for actor in [PlanActor.steering, .office] {
      spec.when("return-escalation", Self.command, as: actor).yields(
        "issue.escalation-returned.v1", on: IssueStory.issue,
        ["level": "netzwerk", "body": id(36).json, "reason": "Erst vor Ort klären"])
    }
    var spec = spec
    spec.given("return-escalation", Self.command, as: .steering)
    #expect(try spec.issue.state == .returned)
    #expect(try spec.issue.level == "netzwerk")
    #expect(spec.plan.dueCommands(on: day("2030-01-01")).isEmpty)
    spec.when("escalate-issue", ["issue": id(60).json, "deadline": "2019-09-30"]).yields(
      "issue.escalated.v1", on: IssueStory.issue, ["level": "skip", "deadline": "2019-09-30"])
  }

  @Test func `a reason is needed, and a seat in a body that exists`() {
    spec.when("return-escalation", Self.command.replacing("reason", nil))
      .isRefused(.malformed, "missing-field", field: "reason")
    spec.when("return-escalation", Self.command.replacing("body", "bund"))
      .isRefused(.notFound, "unknown-institution", field: "body", facts: ["reference": "bund"])
    spec.when("return-escalation", Self.command.replacing("body", "senweb"), as: .steering)
      .isRefused(.forbidden, "not-seated", field: "body", facts: ["body": "senweb"])
  }

  @Test func `below the ladder there is nothing`() {
    var spec = spec
    spec.given(
      "register-plan-version",
      [
        "slug": "b", "title": "B", "from": "2019-01-01", "until": "2025-12-31",
        "ladder": [["slug": "skip", "title": "Steuerungskreis"]],
      ])
    spec.when("return-escalation", Self.command)
      .isRefused(.rule, "bottom-reached", field: "issue", facts: ["ladder": ["skip"]])
  }
}
