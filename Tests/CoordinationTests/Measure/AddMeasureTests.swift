import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct AddMeasureTests {
  private let spec = DeciderSpecification.masterplan()
  private static let measure: JSON = [
    "id": id(60).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "IV", "title": "Vierte",
  ]

  @Test func `a measure gets its code from cluster, task field and numeral`() {
    let more: JSON = [
      "kind": "examine", "horizon": "binnen zwei Jahren", "deliverables": ["Broschüre"], "note": "Tippfehler",
      "source": ["S2:683"],
    ]
    spec.when("add-measure", .object((Self.measure.members ?? []) + (more.members ?? []))).yields(
      "measure.added.v1", on: "measures/\(id(60))",
      .object(
        [
          .init("taskField", id(13).json), .init("numeral", "IV"), .init("code", "fachkraefte.1.IV"),
          .init("title", "Vierte"),
        ] + (more.members ?? [])))
  }

  @Test func `it delivers unless told otherwise`() {
    spec.when("add-measure", Self.measure).yields(
      "measure.added.v1", on: "measures/\(id(60))",
      ["taskField": id(13).json, "numeral": "IV", "code": "fachkraefte.1.IV", "title": "Vierte", "kind": "deliver"])
  }

  @Test func `a taken code is refused with its holder`() {
    spec.when("add-measure", Self.measure.replacing("numeral", "II")).isRefused(
      .conflict, "code-taken", field: "numeral", facts: ["value": "fachkraefte.1.II", "holder": id(22).json])
  }

  @Test(arguments: ["IIII", "VX", "IC", "i", "XXXI", "0", "IVI", "VV", "XL", "1"])
  func `a numeral in any other spelling is refused`(numeral: String) {
    spec.when("add-measure", Self.measure.replacing("numeral", .string(numeral)))
      .isRefused(.malformed, "invalid-value", field: "numeral")
  }

  @Test func `I to XXX are read, each in one spelling`() throws {
    let numerals = try (1...30).map { try #require(Numeral($0)) }
    #expect(Set(numerals.map(\.text)).count == 30)
    #expect(numerals.map(\.number) == Array(1...30))
    #expect(numerals.map(\.text).prefix(10) == ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"])
    #expect(numerals.last?.text == "XXX")
    #expect(numerals == numerals.sorted())
    #expect(Numeral(0) == nil)
    #expect(Numeral(31) == nil)
  }

  @Test func `a taken id and an unknown cluster, task field or document are refused`() {
    spec.when("add-measure", Self.measure.replacing("id", id(21).json)).isRefused(.conflict, "id-taken", field: "id")
    spec.when("add-measure", Self.measure.replacing("cluster", "energie"))
      .isRefused(.notFound, "unknown-cluster", field: "cluster", facts: ["reference": "energie"])
    spec.when("add-measure", Self.measure.replacing("taskField", 7)).isRefused(
      .notFound, "unknown-task-field", field: "taskField", facts: ["reference": "fachkraefte.7"])
    spec.when("add-measure", Self.measure.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}
