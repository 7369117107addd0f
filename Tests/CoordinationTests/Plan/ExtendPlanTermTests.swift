import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct ExtendPlanTermTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `the term ends later`() {
    let command: JSON = ["until": "2022-12-31", "reason": "Verzögert", "source": ["S2:5"]]
    spec.when("extend-plan-term", command)
      .yields("plan.term-extended.v1", on: "plans/\(id(0))", command.replacing("version", id(1).json))
    var later = spec
    later.given("extend-plan-term", command)
    #expect(later.plan.currentVersion?.until == day("2022-12-31"))
  }

  @Test(arguments: ["2021-12-31", "2021-12-30", "2018-01-01"])
  func `a term that does not end later is refused`(until: String) {
    spec.when("extend-plan-term", ["until": .string(until)])
      .isRefused(.rule, "term-not-extended", field: "until", facts: ["until": "2021-12-31"])
  }

  @Test func `a version that is to be closed runs no longer`() {
    var spec = spec
    spec.given("close-plan", ["date": "2021-12-31", "reason": "Ende"])
    spec.when("extend-plan-term", ["until": "2022-12-31"])
      .isRefused(.conflict, "plan-closed", facts: ["closed": "2021-12-31"])
  }

  @Test func `an unknown version is refused`() {
    spec.when("extend-plan-term", ["version": "x", "until": "2022-12-31"])
      .isRefused(.notFound, "unknown-plan-version", field: "version", facts: ["reference": "x"])
  }
}
