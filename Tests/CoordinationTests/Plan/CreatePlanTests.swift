import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct CreatePlanTests {
  @Test func `a plan begins with its slug and title`() {
    DeciderSpecification().when("create-plan", ["slug": "s", "title": "T"])
      .yields("plan.created.v1", on: "plans/\(id(0))", ["slug": "s", "title": "T"])
  }

  @Test func `a plan that has begun does not begin again`() {
    DeciderSpecification.masterplan().when("create-plan", ["slug": "other", "title": "T"])
      .isRefused(.conflict, "plan-exists")
  }
}
