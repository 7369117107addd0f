import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §21; the ladder is lead, office, netzwerk (advises), skip, senat.
struct EscalateIssueTests {
  private var spec = DeciderSpecification.masterplan()
  private static let escalation: JSON = ["issue": id(60).json, "deadline": "2019-06-30", "reason": "Eilt"]

  init() {
    spec.assign("lead", "tu", 61)
    spec.assign("contributor", "ihk", 62)
    spec.assign("contributor", "hwk", 63)
    spec.given(
      "raise-issue", ["id": id(60).json, "measure": "fachkraefte.1.I", "kind": "obstacle", "text": "T"],
      as: .contributor("ihk"))
  }

  @Test func `an issue goes up one level, named or not`() throws {
    let data: JSON = ["level": "office", "deadline": "2019-06-30", "reason": "Eilt"]
    for command in [Self.escalation, Self.escalation.replacing("level", "office")] {
      spec.when("escalate-issue", command, as: .lead("tu")).yields("issue.escalated.v1", on: "issues/\(id(60))", data)
    }
    var later = spec
    later.given("escalate-issue", Self.escalation, as: .lead("tu"))
    let issue = try #require(later.plan.issues[IssueID(id(60).value)])
    #expect(issue.state == .escalated)
    #expect(issue.level == "office")
    #expect(issue.deadline == day("2019-06-30"))
  }

  @Test func `who raised it, who leads, the office and the steering circle may escalate, others not`() {
    for actor in [PlanActor.contributor("ihk"), .lead("tu"), .office, .steering] {
      spec.when("escalate-issue", Self.escalation, as: actor).yields("issue.escalated.v1", on: "issues/\(id(60))")
    }
    spec.when("escalate-issue", Self.escalation, as: .contributor("hwk"))
      .isRefused(.forbidden, "not-yours", field: "issue")
    spec.when("escalate-issue", Self.escalation, as: .lead(nil))
      .isRefused(.malformed, "missing-field", field: "institution")
  }

  @Test func `a level is skipped only when urgent and with a reason`() {
    let jump = Self.escalation.replacing("level", "skip")
    for command in [jump, jump.replacing("urgent", false), jump.replacing("urgent", true).replacing("reason", nil)] {
      spec.when("escalate-issue", command)
        .isRefused(.rule, "level-skipped", field: "level", facts: ["next": "office"])
    }
    spec.when("escalate-issue", jump.replacing("urgent", true)).yields(
      "issue.escalated.v1", on: "issues/\(id(60))",
      ["level": "skip", "urgent": true, "deadline": "2019-06-30", "reason": "Eilt"])
  }

  @Test func `a body that advises is no target`() {
    var spec = spec
    spec.given("escalate-issue", Self.escalation)
    spec.when("escalate-issue", Self.escalation)
      .isRefused(.rule, "no-mandate", field: "level", facts: ["level": "netzwerk"])
    spec.when("escalate-issue", Self.escalation.replacing("level", "skip").replacing("urgent", true))
      .yields("issue.escalated.v1", on: "issues/\(id(60))")
  }

  @Test func `past the top and downwards there is no way`() {
    var spec = spec
    spec.given("escalate-issue", Self.escalation.replacing("level", "skip").replacing("urgent", true))
    for level: JSON in ["office", "skip", "lead"] {
      spec.when("escalate-issue", Self.escalation.replacing("level", level))
        .isRefused(.rule, "not-upwards", field: "level")
    }
    spec.given("escalate-issue", Self.escalation)
    spec.when("escalate-issue", Self.escalation).isRefused(
      .rule, "top-reached", field: "level", facts: ["ladder": ["lead", "office", "netzwerk", "skip", "senat"]])
  }

  @Test func `an unknown issue or level, a missing deadline and one in the past are refused`() {
    spec.when("escalate-issue", Self.escalation.replacing("issue", id(99).json))
      .isRefused(.notFound, "unknown-issue", field: "issue", facts: ["reference": id(99).json])
    spec.when("escalate-issue", Self.escalation.replacing("level", "bund"))
      .isRefused(.notFound, "unknown-level", field: "level", facts: ["reference": "bund"])
    spec.when("escalate-issue", Self.escalation.replacing("deadline", nil))
      .isRefused(.malformed, "missing-field", field: "deadline")
    spec.when("escalate-issue", Self.escalation.replacing("deadline", "2019-02-28"))
      .isRefused(.rule, "deadline-in-past", field: "deadline")
    spec.when("escalate-issue", Self.escalation.replacing("deadline", "2019-03-01"))
      .yields("issue.escalated.v1", on: "issues/\(id(60))")
  }

  @Test func `what was escalated long ago may have had its deadline since`() {
    var spec = spec
    spec.given(
      "raise-issue", ["id": id(64).json, "measure": "fachkraefte.1.I", "kind": "obstacle", "text": "T"],
      on: day("2018-10-01"))
    let escalation = Self.escalation.replacing("issue", id(64).json).replacing("deadline", "2018-12-31")
    spec.when("escalate-issue", escalation, on: day("2018-10-15"))
      .yields("issue.escalated.v1", on: "issues/\(id(64))")
    spec.when("escalate-issue", escalation.replacing("deadline", "2018-10-14"), on: day("2018-10-15"))
      .isRefused(.rule, "deadline-in-past", field: "deadline", facts: ["set": "2018-10-15"])
  }

  @Test func `a plan without a ladder has no way up`() {
    var spec = spec
    spec.given("register-plan-version", ["slug": "b", "title": "B", "from": "2019-01-01", "until": "2025-12-31"])
    spec.when("escalate-issue", Self.escalation).isRefused(.rule, "top-reached", field: "level", facts: ["ladder": []])
  }

  @Test func `the ladder is that of the version in force on the day`() {
    var spec = spec
    spec.given(
      "register-plan-version",
      [
        "slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31",
        "ladder": [["slug": "lead", "title": "Federführung"], ["slug": "senat", "title": "Senat"]],
      ])
    spec.when("escalate-issue", Self.escalation).yields(
      "issue.escalated.v1", on: "issues/\(id(60))", ["level": "office", "deadline": "2019-06-30", "reason": "Eilt"])
    spec.today = day("2022-01-01")
    spec.when("escalate-issue", Self.escalation.replacing("deadline", "2022-06-30")).yields(
      "issue.escalated.v1", on: "issues/\(id(60))", ["level": "senat", "deadline": "2022-06-30", "reason": "Eilt"])
  }
}
