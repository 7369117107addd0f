import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct AddSubMeasureTests {
  private let spec = DeciderSpecification.masterplan()
  private static let part: JSON = ["id": id(60).json, "measure": "fachkraefte.1.I", "part": "A", "title": "Teil A"]

  @Test(arguments: ["A", "Z", "mint-botschafterin"])
  func `a part is lettered or named`(part: String) throws {
    spec.when("add-sub-measure", Self.part.replacing("part", .string(part))).yields(
      "measure.sub-measure-added.v1", on: "measures/\(id(60))",
      [
        "parent": id(21).json, "part": .string(part), "code": .string("fachkraefte.1.I.\(part)"), "title": "Teil A",
        "kind": "deliver",
      ])
    var later = spec
    later.given("add-sub-measure", Self.part.replacing("part", .string(part)))
    #expect(later.plan.measure("fachkraefte.1.I.\(part)")?.parent == MeasureID(id(21).value))
    #expect(later.plan.measure("fachkraefte.1.I")?.parts == [MeasureID(id(60).value)])
  }

  @Test(arguments: ["AA", "a.b", "Ä", "A1", "1.", "A-B"])
  func `any other part is refused`(part: String) {
    spec.when("add-sub-measure", Self.part.replacing("part", .string(part)))
      .isRefused(.malformed, "invalid-value", field: "part")
  }

  @Test func `a part has no parts, and its code is its own`() {
    var spec = spec
    spec.given("add-sub-measure", Self.part)
    spec.when("add-sub-measure", ["measure": "fachkraefte.1.I.A", "part": "B", "title": "T"])
      .isRefused(.rule, "part-of-a-part", field: "measure")
    spec.when("add-sub-measure", Self.part.replacing("id", nil)).isRefused(
      .conflict, "code-taken", field: "part", facts: ["value": "fachkraefte.1.I.A", "holder": id(60).json])
  }

  @Test func `a taken id, an unknown measure and an unknown document are refused`() {
    spec.when("add-sub-measure", Self.part.replacing("id", id(21).json)).isRefused(.conflict, "id-taken", field: "id")
    spec.when("add-sub-measure", Self.part.replacing("measure", "x"))
      .isRefused(.notFound, "unknown-measure", field: "measure", facts: ["reference": "x"])
    spec.when("add-sub-measure", Self.part.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }

  /// §50
  @Test func `no part begins before the day on which its whole is finished and brings it back`() throws {
    var spec = spec
    spec.assign("lead", "tu", 61, ["from": "2018-09-04"])
    spec.given(
      "report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], as: .lead("tu"),
      on: day("2018-10-01"))
    var completed = spec
    completed.given("complete-measure", ["measure": "fachkraefte.1.I"], on: day("2019-02-01"))
    completed.when("add-sub-measure", Self.part, on: day("2019-01-01"))
      .isRefused(.conflict, "finished", field: "measure", facts: ["state": "completed"])
    #expect(try completed.measure.state(on: day("2019-02-01")) == .completed)
    // What was reopened since takes parts of any day.
    completed.given("reopen-measure", ["measure": "fachkraefte.1.I", "reason": "R"])
    completed.when("add-sub-measure", Self.part, on: day("2019-01-01")).isAccepted()
    // Nor where that follows from the parts that there are.
    spec.given("add-sub-measure", Self.part, on: day("2018-11-01"))
    spec.given("discontinue-measure", ["measure": "fachkraefte.1.I.A", "reason": "R"], on: day("2019-02-01"))
    spec.when("add-sub-measure", Self.part.replacing("id", nil).replacing("part", "B"), on: day("2019-01-01"))
      .isRefused(.conflict, "finished", field: "measure", facts: ["state": "discontinued"])
  }
}
