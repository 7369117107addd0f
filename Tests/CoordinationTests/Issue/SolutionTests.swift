import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct SolutionTests {
  private static let proposal: JSON = ["issue": id(60).json, "text": "Zwei Stellen"]
  private static let acceptance: JSON = ["issue": id(60).json, "reason": "R"]
  private let takenUp = IssueStory.inState(.takenUp)
  private let proposed = IssueStory.inState(.solutionProposed)

  @Test func `the office and leads propose`() {
    takenUp.when("propose-solution", Self.proposal)
      .yields("issue.solution-proposed.v1", on: IssueStory.issue, ["text": "Zwei Stellen"])
    takenUp.when("propose-solution", Self.proposal, as: .lead("tu")).yields(
      "issue.solution-proposed.v1", on: IssueStory.issue, ["institution": id(34).json, "text": "Zwei Stellen"])
    takenUp.when("propose-solution", Self.proposal.replacing("institution", "hwk")).yields(
      "issue.solution-proposed.v1", on: IssueStory.issue, ["institution": id(33).json, "text": "Zwei Stellen"])
    takenUp.when("propose-solution", Self.proposal, as: .lead("hwk"))
      .isRefused(.forbidden, "not-yours", field: "issue", facts: ["allowed": ["office", "lead"]])
    takenUp.when("propose-solution", Self.proposal.replacing("institution", "tu"), as: .lead("hwk"))
      .isRefused(.forbidden, "other-institution", field: "institution")
    takenUp.when("propose-solution", Self.proposal.replacing("text", nil))
      .isRefused(.malformed, "missing-field", field: "text")
  }

  @Test func `an issue about the plan has no lead`() {
    var spec = takenUp
    spec.given("raise-issue", ["id": id(70).json, "kind": "question", "text": "T"])
    spec.given("take-up-issue", ["issue": id(70).json])
    spec.when("propose-solution", ["issue": id(70).json, "text": "T"], as: .lead("tu"))
      .isRefused(.forbidden, "not-yours", field: "issue")
  }

  @Test func `a better proposal may follow, and the last one is accepted`() throws {
    var spec = proposed
    spec.given("propose-solution", Self.proposal, as: .lead("tu"))
    spec.given("accept-solution", Self.acceptance, as: .contributor("ihk"))
    let solutions = try spec.issue.solutions
    #expect(solutions.map(\.institution) == [nil, PartyID(id(34).value)])
    #expect(solutions.map { $0.accepted != nil } == [false, true])
    #expect(solutions[1].accepted?.position == spec.plan.size.lastPosition)
    #expect(solutions[1].accepted?.date == spec.today)
  }

  @Test func `who raised it or leads the measure accepts`() {
    for (actor, number) in [(PlanActor.contributor("ihk"), 32), (.lead("tu"), 34)] as [(PlanActor, UInt64)] {
      proposed.when("accept-solution", Self.acceptance, as: actor).yields(
        "issue.solution-accepted.v1", on: IssueStory.issue, ["institution": id(number).json, "reason": "R"])
    }
    proposed.when("accept-solution", Self.acceptance, as: .contributor("hwk"))
      .isRefused(.forbidden, "not-yours", field: "issue", facts: ["allowed": ["raiser", "lead"]])
  }

  @Test func `the office records an agreement of those concerned, but does not agree for them`() {
    proposed.when("accept-solution", Self.acceptance).isRefused(.forbidden, "not-yours", field: "issue")
    proposed.when("accept-solution", Self.acceptance.replacing("institution", "hwk"))
      .isRefused(.forbidden, "not-yours", field: "issue")
    proposed.when("accept-solution", Self.acceptance.replacing("institution", "ihk")).yields(
      "issue.solution-accepted.v1", on: IssueStory.issue, ["institution": id(32).json, "reason": "R"])
  }

  @Test func `what the office raised itself it also accepts itself`() {
    var spec = proposed
    spec.given("raise-issue", ["id": id(70).json, "kind": "question", "text": "T"])
    spec.given("take-up-issue", ["issue": id(70).json])
    spec.given("propose-solution", ["issue": id(70).json, "text": "T"])
    spec.when("accept-solution", ["issue": id(70).json])
      .yields("issue.solution-accepted.v1", on: "issues/\(id(70))", [:])
  }
}
