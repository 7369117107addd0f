import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct SetGoalTests {
  private let spec = DeciderSpecification.masterplan()
  private static let goal: JSON = ["id": id(60).json, "cluster": "fachkraefte", "letter": "b", "title": "Ziel"]

  @Test func `a goal is set, with or without a letter`() {
    let data = Self.goal.replacing("id", nil).replacing("cluster", id(11).json)
    spec.when("set-goal", Self.goal).yields("goal.set.v1", on: "goals/\(id(60))", data)
    spec.when("set-goal", Self.goal.replacing("letter", nil))
      .yields("goal.set.v1", on: "goals/\(id(60))", data.replacing("letter", nil))
  }

  @Test func `a taken id or letter, an unknown cluster and an unknown document are refused`() {
    spec.when("set-goal", Self.goal.replacing("id", id(12).json))
      .isRefused(.conflict, "id-taken", field: "id", facts: ["id": id(12).json])
    spec.when("set-goal", Self.goal.replacing("letter", "a"))
      .isRefused(.conflict, "letter-taken", field: "letter", facts: ["value": "a", "holder": "fachkraefte"])
    spec.when("set-goal", Self.goal.replacing("cluster", "energie"))
      .isRefused(.notFound, "unknown-cluster", field: "cluster", facts: ["reference": "energie"])
    spec.when("set-goal", Self.goal.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }

  @Test func `only one goal of a cluster goes without a letter`() {
    var spec = spec
    spec.given("set-goal", ["cluster": "fachkraefte", "title": "Ohne"])
    spec.when("set-goal", ["cluster": "fachkraefte", "title": "Noch eins"])
      .isRefused(.conflict, "letter-taken", field: "letter")
  }
}
