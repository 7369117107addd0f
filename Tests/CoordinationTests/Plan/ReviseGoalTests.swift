import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct ReviseGoalTests {
  private let spec = DeciderSpecification.masterplan()

  @Test(arguments: ["fachkraefte.a", "\(id(12))"])
  func `a goal gets another wording, another letter or both`(goal: String) throws {
    let command: JSON = [
      "goal": .string(goal), "letter": "c", "title": "Neu", "reason": "Präziser", "source": ["S2:5"],
    ]
    spec.when("revise-goal", command).yields("goal.revised.v1", on: "goals/\(id(12))", command.replacing("goal", nil))
    spec.when("revise-goal", ["goal": .string(goal), "title": "Neu"])
      .yields("goal.revised.v1", on: "goals/\(id(12))", ["letter": "a", "title": "Neu"])
    spec.when("revise-goal", ["goal": .string(goal), "letter": "c"])
      .yields("goal.revised.v1", on: "goals/\(id(12))", ["letter": "c", "title": "Genug Fachkräfte"])
    var later = spec
    later.given("revise-goal", command)
    let revised = try #require(later.plan.goals.first)
    #expect(revised.id == id(12).value)
    #expect(revised.letter == "c")
    #expect(revised.title == "Neu")
  }

  @Test func `the only goal of a cluster is named by its cluster`() {
    var spec = spec
    spec.given(
      "add-theme-cluster", ["actionField": "innovation", "slug": "energie", "title": "Energie"])
    spec.given("set-goal", ["id": id(60).json, "cluster": "energie", "title": "Ohne"])
    spec.when("revise-goal", ["goal": "energie", "title": "Neu"])
      .yields("goal.revised.v1", on: "goals/\(id(60))", ["title": "Neu"])
  }

  @Test func `a taken letter and what is no goal are refused`() {
    var spec = spec
    spec.given("set-goal", ["id": id(60).json, "cluster": "fachkraefte", "letter": "b", "title": "Zweites"])
    spec.when("revise-goal", ["goal": "fachkraefte.a", "letter": "b"]).isRefused(
      .conflict, "letter-taken", field: "letter", facts: ["value": "b", "holder": id(60).json])
    for other in ["fachkraefte.z", "fachkraefte.1.I", "senweb"] {
      spec.when("revise-goal", ["goal": .string(other), "title": "Neu"])
        .isRefused(.notFound, "unknown-goal", field: "goal", facts: ["reference": .string(other)])
    }
  }
}
