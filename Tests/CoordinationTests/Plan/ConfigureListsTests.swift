import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct ConfigureListsTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `the lists that are given replace the old ones, the others stay`() {
    spec.when("configure-lists", ["conditions": ["gut", "schlecht"]]).yields(
      "plan.lists-configured.v1", on: "plans/\(id(0))",
      [
        "version": id(1).json, "conditions": ["gut", "schlecht"],
        "horizons": ["short-term", "medium-term", "long-term"],
      ])
    var spec = spec
    spec.given("configure-lists", ["conditions": ["gut", "schlecht"]])
    let labels: JSON = [["slug": "gut", "de": "Gut", "en": "Good"]]
    spec.when("configure-lists", ["horizons": ["bald"], "labels": labels]).yields(
      "plan.lists-configured.v1", on: "plans/\(id(0))",
      ["version": id(1).json, "conditions": ["gut", "schlecht"], "horizons": ["bald"], "labels": labels])
    spec.given("configure-lists", ["horizons": ["bald"], "labels": labels])
    #expect(spec.plan.currentVersion?.horizons == ["bald"])
    #expect(spec.plan.currentVersion?.labels.map(\.english.text) == ["Good"])
    spec.when("configure-lists", ["conditions": ["gut", "schlecht"], "labels": labels]).yieldsNothing()
    spec.when("configure-lists", [:]).yieldsNothing()
  }

  @Test func `reports choose from the configured conditions and are ranked by them`() {
    var spec = spec
    spec.assign("lead", "tu", 60)
    spec.given("configure-lists", ["conditions": ["gut", "schlecht"]])
    let report: JSON = ["measure": "fachkraefte.1.I", "condition": "gut"]
    spec.when("report-progress", report.replacing("condition", "on-track"), as: .lead("tu"))
      .isRefused(.rule, "unknown-condition", field: "condition", facts: ["conditions": ["gut", "schlecht"]])
    spec.given("report-progress", report, as: .lead("tu"))
    spec.when("report-progress", report.replacing("condition", "schlecht"), as: .lead("tu"))
      .isRefused(.rule, "worsening-needs-text", field: "text")
    spec.given("configure-lists", ["conditions": ["schlecht", "gut"]])
    spec.when("report-progress", report.replacing("condition", "schlecht"), as: .lead("tu")).isAccepted()
  }

  @Test func `an entry stands in a list once`() {
    spec.when("configure-lists", ["conditions": ["gut", "gut"]])
      .isRefused(.rule, "duplicate-entry", field: "conditions", facts: ["entry": "gut"])
    spec.when("configure-lists", ["horizons": ["bald", "bald"]])
      .isRefused(.rule, "duplicate-entry", field: "horizons", facts: ["entry": "bald"])
    let label: JSON = ["slug": "gut", "de": "Gut", "en": "Good"]
    spec.when("configure-lists", ["labels": [label, label]])
      .isRefused(.rule, "duplicate-entry", field: "labels", facts: ["entry": "gut"])
    spec.when("configure-lists", ["conditions": ["Sehr gut"]])
      .isRefused(.malformed, "invalid-value", field: "conditions[0]")
  }
}
