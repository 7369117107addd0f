import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct DeclareStatedFigureTests {
  private let spec = DeciderSpecification.masterplan()
  private static let figure: JSON = [
    "id": id(3).json, "slug": "cluster", "label": "Themencluster", "counts": "theme-clusters", "value": 11,
    "source": ["S2:617"],
  ]

  @Test func `a figure that differs from the real count is kept beside it`() throws {
    spec.when("declare-stated-figure", Self.figure).yields(
      "plan.stated-figure-declared.v1", on: "plans/\(id(0))",
      Self.figure.replacing("id", nil).replacing("figure", id(3).json))
    var later = spec
    later.given("declare-stated-figure", Self.figure)
    #expect(later.plan.statedFigures.map(\.value) == [11])
    #expect(later.plan.count(of: .themeClusters, on: day("2030-01-01")) == 1)
  }

  @Test func `everything that can be stated can be counted`() {
    let counts = StatedFigure.Counted.allCases.map { spec.plan.count(of: $0, on: day("2030-01-01")) }
    #expect(
      Dictionary(uniqueKeysWithValues: zip(StatedFigure.Counted.allCases, counts)) == [
        .actionFields: 1, .themeClusters: 1, .goals: 1, .measures: 3, .institutions: 6, .taskFields: 1,
      ])
  }

  @Test func `a taken slug and an unknown document are refused`() {
    var spec = spec
    spec.when("declare-stated-figure", Self.figure.replacing("source", ["S9:1"]))
      .isRefused(.notFound, "unknown-document", field: "source", facts: ["reference": "S9"])
    spec.given("declare-stated-figure", Self.figure)
    spec.when("declare-stated-figure", Self.figure.replacing("id", nil))
      .isRefused(.conflict, "slug-taken", field: "slug", facts: ["value": "cluster", "holder": "figure"])
  }
}
