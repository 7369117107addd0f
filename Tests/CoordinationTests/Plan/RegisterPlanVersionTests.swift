import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct RegisterPlanVersionTests {
  private static let version: JSON = [
    "id": id(2).json, "slug": "2022-2025", "title": "Fassung 2022–2025", "from": "2022-01-01", "until": "2025-12-31",
  ]
  private let spec = DeciderSpecification.masterplan()

  @Test func `a version gets the time zone, cap and conditions that were not given`() {
    spec.when("register-plan-version", Self.version).yields(
      "plan.version-registered.v1", on: "plans/\(id(0))",
      [
        "version": id(2).json, "slug": "2022-2025", "title": "Fassung 2022–2025", "from": "2022-01-01",
        "until": "2025-12-31", "timeZone": "Europe/Berlin", "leadCap": 2,
        "conditions": ["on-track", "at-risk", "off-track", "not-assessed"],
      ])
  }

  @Test func `the rules that are data are kept as given`() {
    let more: JSON = [
      "timeZone": "Europe/Vienna", "leadCap": 3, "conditions": ["gut", "schlecht"], "resolutionDate": "2022-02-01",
      "resolutionBody": "senat", "source": ["S2:1-2"],
      "ladder": [["slug": "lead", "title": "Federführung", "body": "senweb", "mandate": "decide"]],
    ]
    let full = JSON.object((Self.version.members ?? []) + (more.members ?? []))
    spec.when("register-plan-version", full)
      .yields(
        "plan.version-registered.v1", on: "plans/\(id(0))", full.replacing("id", nil).replacing("version", id(2).json))
  }

  @Test func `a term of one day is a term`() {
    let version = Self.version.replacing("until", "2022-01-01")
    spec.when("register-plan-version", version).yields("plan.version-registered.v1", on: "plans/\(id(0))")
  }

  @Test func `a version refuses a taken slug, a term that ends before it starts, and a cap below one`() {
    spec.when("register-plan-version", Self.version.replacing("slug", "2018-2021"))
      .isRefused(
        .conflict, "slug-taken", field: "slug", facts: ["value": "2018-2021", "holder": "plan version"])
    spec.when("register-plan-version", Self.version.replacing("until", "2021-12-31"))
      .isRefused(.rule, "end-before-start", field: "until")
    for cap: JSON in [0, -1] {
      spec.when("register-plan-version", Self.version.replacing("leadCap", cap))
        .isRefused(.rule, "lead-cap-too-small", field: "leadCap")
    }
  }
}
