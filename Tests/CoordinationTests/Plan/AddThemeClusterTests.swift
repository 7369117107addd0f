import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct AddThemeClusterTests {
  private let spec = DeciderSpecification.masterplan()
  private static let cluster: JSON = [
    "id": id(60).json, "actionField": "innovation", "slug": "smart-city", "title": "Smart City",
  ]

  @Test func `a theme cluster is added to its action field`() {
    spec.when("add-theme-cluster", Self.cluster).yields(
      "theme-cluster.added.v1", on: "theme-clusters/\(id(60))",
      Self.cluster.replacing("id", nil).replacing("actionField", id(10).json))
  }

  @Test func `a taken id or slug, an unknown action field and an unknown document are refused`() {
    spec.when("add-theme-cluster", Self.cluster.replacing("id", id(21).json))
      .isRefused(.conflict, "id-taken", field: "id", facts: ["id": id(21).json])
    spec.when("add-theme-cluster", Self.cluster.replacing("actionField", "energie"))
      .isRefused(.notFound, "unknown-action-field", field: "actionField", facts: ["reference": "energie"])
    spec.when("add-theme-cluster", Self.cluster.replacing("slug", "fachkraefte"))
      .isRefused(.conflict, "slug-taken", field: "slug", facts: ["value": "fachkraefte", "holder": "theme cluster"])
    spec.when("add-theme-cluster", Self.cluster.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}
