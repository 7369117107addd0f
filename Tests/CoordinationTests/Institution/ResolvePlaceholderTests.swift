import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §40
struct ResolvePlaceholderTests {
  private var spec = DeciderSpecification.masterplan()

  init() {
    spec.given(
      "register-placeholder",
      ["id": id(44).json, "slug": "partner", "label": "Partner", "steward": "senweb", "due": "2019-12-31"])
    spec.assign("contributor", "partner", 60, ["phase": "Aufbau", "wording": "weitere Akteure", "source": ["S2:7"]])
    spec.given("assign-lead", ["id": id(61).json, "measure": "fachkraefte.1.II", "institution": "partner"])
  }

  private func holders(_ code: String, on date: String, in spec: DeciderSpecification) -> [String] {
    let assignments = spec.plan.measure(code)?.assignments.filter { $0.holds(on: day(date)) } ?? []
    return assignments.compactMap { spec.plan.parties[$0.holder]?.slug }
  }

  @Test func `all that the placeholder holds moves in one step`() throws {
    let resolve: JSON = ["placeholder": "partner", "institutions": ["ihk", "tu"]]
    let events = try spec.when("resolve-placeholder", resolve).result.get()
    #expect(
      events.map { "\($0.subject.noun) \(type(of: $0.fact).type.dropFirst(14))" } == [
        "placeholders placeholder.resolved.v1", "measures measure.assignment-ended.v1",
        "measures measure.contributor-assigned.v1", "measures measure.contributor-assigned.v1",
        "measures measure.assignment-ended.v1", "measures measure.lead-assigned.v1",
        "measures measure.lead-assigned.v1",
      ])
    var spec = spec
    spec.given("resolve-placeholder", resolve, on: day("2019-06-01"))
    for code in ["fachkraefte.1.I", "fachkraefte.1.II"] {
      #expect(holders(code, on: "2019-05-31", in: spec) == ["partner"])
      #expect(holders(code, on: "2019-06-01", in: spec) == ["ihk", "tu"])
    }
    let new = try #require(spec.plan.measure("fachkraefte.1.I")?.assignments.last)
    #expect(new.phase == "Aufbau" && new.wording == "weitere Akteure" && new.source.map(\.text) == ["S2:7"])
  }

  @Test func `dropped with a reason, its roles end and nobody gets them`() throws {
    var spec = spec
    let drop: JSON = ["placeholder": "partner", "reason": "Niemand gefunden"]
    spec.given("resolve-placeholder", drop)
    #expect(holders("fachkraefte.1.I", on: "2019-03-01", in: spec).isEmpty)
    let resolution = try #require(spec.plan.party("partner")?.resolution)
    #expect(resolution.institutions.isEmpty && resolution.from == day("2019-03-01"))
  }

  @Test func `without institutions a reason is needed`() {
    spec.when("resolve-placeholder", ["placeholder": "partner"]).isRefused(.rule, "reason-needed", field: "reason")
  }

  @Test func `once resolved it is resolved, and takes no role any more`() {
    var spec = spec
    spec.given("resolve-placeholder", ["placeholder": "partner", "institutions": ["ihk", "ihk"]])
    spec.when("resolve-placeholder", ["placeholder": "partner", "institutions": ["tu"]])
      .isRefused(.conflict, "already-resolved", field: "placeholder")
    spec.when("assign-contributor", ["measure": "fachkraefte.1.III", "institution": "partner"])
      .isRefused(.conflict, "already-resolved", field: "institution", facts: ["institutions": ["ihk"]])
  }

  @Test func `more leads than the cap allows need an exception first`() {
    var spec = spec
    let three: JSON = ["placeholder": "partner", "institutions": ["ihk", "hwk", "tu"]]
    spec.when("resolve-placeholder", three).isRefused(.rule, "lead-cap", field: "institutions")
    spec.given("grant-lead-cap-exception", ["measure": "fachkraefte.1.II", "leads": 3, "reason": "Drei Kammern"])
    spec.when("resolve-placeholder", three).isAccepted()
  }

  @Test func `only a placeholder is resolved, and only to institutions that are there`() {
    var spec = spec
    spec.given("dissolve-institution", ["institution": "zewk", "successor": "tu"])
    func resolving(_ placeholder: JSON, _ institution: JSON) -> Outcome {
      spec.when("resolve-placeholder", ["placeholder": placeholder, "institutions": [institution]])
    }
    resolving("ihk", "tu").isRefused(.rule, "not-a-placeholder", field: "placeholder")
    resolving("x", "tu").isRefused(.notFound, "unknown-institution", field: "placeholder")
    resolving("partner", "x").isRefused(.notFound, "unknown-institution", field: "institutions")
    resolving("partner", "partner").isRefused(.rule, "not-an-institution", field: "institutions")
    resolving("partner", "zewk").isRefused(.rule, "institution-dissolved", field: "institutions")
  }

  @Test func `what a closed version holds stays as it was, and holds up nothing`() {
    var spec = spec
    spec.given("close-plan", ["reason": "Ende"])
    spec.given("start-successor-version", ["slug": "b", "title": "B", "from": "2019-03-01", "until": "2025-12-31"])
    spec.given("carry-over-measure", ["id": id(62).json, "measure": "fachkraefte.1.I"])
    spec.given("assign-contributor", ["measure": id(62).json, "institution": "partner"])
    spec.given("resolve-placeholder", ["placeholder": "partner", "institutions": ["tu"]])
    #expect(holders(id(62).description, on: "2019-03-01", in: spec) == ["tu"])
    #expect(holders(id(21).description, on: "2019-03-01", in: spec) == ["partner"])
  }
}
