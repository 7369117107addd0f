import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct RegisterStrategyTests {
  private let spec = DeciderSpecification.masterplan()
  private static let strategy: JSON = ["id": id(60).json, "slug": "bso", "title": "BSO"]

  @Test func `a strategy is registered`() {
    spec.when("register-strategy", Self.strategy)
      .yields("strategy.registered.v1", on: "strategies/\(id(60))", ["slug": "bso", "title": "BSO"])
  }

  @Test func `a taken id or slug and an unknown document are refused`() {
    spec.when("register-strategy", Self.strategy.replacing("id", id(51).json))
      .isRefused(.conflict, "id-taken", field: "id")
    spec.when("register-strategy", Self.strategy.replacing("slug", "bek"))
      .isRefused(.conflict, "slug-taken", field: "slug", facts: ["value": "bek", "holder": "strategy"])
    spec.when("register-strategy", Self.strategy.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}

struct LinkStrategyTests {
  private let spec = DeciderSpecification.masterplan()
  private static let link: JSON = ["id": id(60).json, "measure": "fachkraefte.1.I", "strategy": "bek"]

  @Test func `a measure is linked to a strategy once`() {
    var spec = spec
    spec.when("link-strategy", Self.link).yields(
      "measure.strategy-linked.v1", on: "measures/\(id(21))", ["link": id(60).json, "strategy": id(51).json])
    spec.given("link-strategy", Self.link)
    spec.when("link-strategy", Self.link.replacing("id", nil)).isRefused(.conflict, "already-linked", field: "strategy")
  }

  @Test func `an unknown measure, strategy or document is refused`() {
    spec.when("link-strategy", Self.link.replacing("measure", "x"))
      .isRefused(.notFound, "unknown-measure", field: "measure", facts: ["reference": "x"])
    spec.when("link-strategy", Self.link.replacing("strategy", "x"))
      .isRefused(.notFound, "unknown-programme", field: "strategy", facts: ["reference": "x"])
    spec.when("link-strategy", Self.link.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}

/// §28
struct LinkExternalMeasureTests {
  private let spec = DeciderSpecification.masterplan()
  private static let link: JSON = ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"]

  @Test func `a measure gets the id of another programme and is led there`() throws {
    spec.when("link-external-measure", Self.link).yields(
      "measure.external-measure-linked.v1", on: "measures/\(id(21))", ["programme": "bek", "externalID": "W-14"])
    var later = spec
    later.given("link-external-measure", Self.link)
    #expect(later.plan.measure("fachkraefte.1.I")?.states.last == .external)
  }

  @Test func `an id of a programme belongs to one measure`() {
    var spec = spec
    spec.given("link-external-measure", Self.link)
    spec.when("link-external-measure", Self.link.replacing("measure", "fachkraefte.1.II")).isRefused(
      .conflict, "external-id-taken", field: "externalID", facts: ["value": "W-14", "holder": "fachkraefte.1.I"])
    spec.given("register-strategy", ["slug": "iwvk", "title": "IWVK"])
    spec.when(
      "link-external-measure", Self.link.replacing("measure", "fachkraefte.1.II").replacing("programme", "iwvk")
    )
    .yields("measure.external-measure-linked.v1", on: "measures/\(id(22))")
  }

  @Test func `a measure has one external id`() {
    var spec = spec
    spec.given("link-external-measure", Self.link)
    spec.when("link-external-measure", Self.link.replacing("externalID", "W-15"))
      .isRefused(.conflict, "already-linked", field: "measure")
  }

  @Test func `an unknown measure, programme or document is refused`() {
    spec.when("link-external-measure", Self.link.replacing("measure", "x"))
      .isRefused(.notFound, "unknown-measure", field: "measure", facts: ["reference": "x"])
    spec.when("link-external-measure", Self.link.replacing("programme", "x"))
      .isRefused(.notFound, "unknown-programme", field: "programme", facts: ["reference": "x"])
    spec.when("link-external-measure", Self.link.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}

/// §29
struct LinkMeasuresTests {
  private let spec = DeciderSpecification.masterplan()
  private static let link: JSON = ["id": id(60).json, "measure": "fachkraefte.1.I", "to": "fachkraefte.1.II"]

  @Test func `a measure refers to another one or to a whole cluster`() {
    spec.when("link-measures", Self.link)
      .yields("measure.linked.v1", on: "measures/\(id(21))", ["link": id(60).json, "measure": id(22).json])
    spec.when("link-measures", Self.link.replacing("to", "fachkraefte"))
      .yields("measure.linked.v1", on: "measures/\(id(21))", ["link": id(60).json, "cluster": id(11).json])
  }

  @Test func `the same reference twice and one to itself are refused`() {
    var spec = spec
    spec.given("link-measures", Self.link)
    spec.given("link-measures", Self.link.replacing("to", "fachkraefte").replacing("id", nil))
    for to: JSON in ["fachkraefte.1.II", "fachkraefte"] {
      spec.when("link-measures", Self.link.replacing("to", to).replacing("id", nil))
        .isRefused(.conflict, "already-linked", field: "to")
    }
    spec.when("link-measures", Self.link.replacing("to", id(21).json)).isRefused(.rule, "self-link", field: "to")
  }

  @Test func `an unknown measure, target or document is refused`() {
    spec.when("link-measures", Self.link.replacing("measure", "x"))
      .isRefused(.notFound, "unknown-measure", field: "measure", facts: ["reference": "x"])
    spec.when("link-measures", Self.link.replacing("to", "x"))
      .isRefused(.notFound, "unknown-measure", field: "to", facts: ["reference": "x"])
    spec.when("link-measures", Self.link.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}

/// §29
struct DeclareDependencyTests {
  private let spec = DeciderSpecification.masterplan()
  private static let dependency: JSON = ["id": id(60).json, "measure": "fachkraefte.1.I", "on": "fachkraefte.1.II"]

  @Test func `a measure waits for another one or for an act outside the plan`() {
    spec.when("declare-dependency", Self.dependency).yields(
      "measure.dependency-declared.v1", on: "measures/\(id(21))", ["link": id(60).json, "measure": id(22).json])
    let act = Self.dependency.replacing("on", nil).replacing("act", "Mobilitätsgesetz")
    spec.when("declare-dependency", act).yields(
      "measure.dependency-declared.v1", on: "measures/\(id(21))", ["link": id(60).json, "act": "Mobilitätsgesetz"])
  }

  @Test func `it waits for exactly one of the two`() {
    spec.when("declare-dependency", Self.dependency.replacing("on", nil))
      .isRefused(.malformed, "invalid-value", field: "on")
    spec.when("declare-dependency", Self.dependency.replacing("act", "Gesetz"))
      .isRefused(.malformed, "invalid-value", field: "on")
  }

  @Test func `dependencies never form a cycle, and the refusal shows the way round`() {
    var spec = spec
    spec.when("declare-dependency", Self.dependency.replacing("on", "fachkraefte.1.I"))
      .isRefused(.rule, "cycle", field: "on", facts: ["path": ["fachkraefte.1.I"]])
    spec.given("declare-dependency", Self.dependency)
    spec.given("declare-dependency", ["measure": "fachkraefte.1.II", "on": "fachkraefte.1.III"])
    spec.when("declare-dependency", ["measure": "fachkraefte.1.III", "on": "fachkraefte.1.I"]).isRefused(
      .rule, "cycle", field: "on", facts: ["path": ["fachkraefte.1.I", "fachkraefte.1.II", "fachkraefte.1.III"]])
    // Two ways to the same end are no cycle, and cross-references do not count.
    spec.when("declare-dependency", ["measure": "fachkraefte.1.I", "on": "fachkraefte.1.III"])
      .yields("measure.dependency-declared.v1", on: "measures/\(id(21))")
    spec.when("link-measures", ["measure": "fachkraefte.1.III", "to": "fachkraefte.1.I"])
      .yields("measure.linked.v1", on: "measures/\(id(23))")
  }

  @Test func `the same dependency twice and unknown references are refused`() {
    var spec = spec
    spec.given("declare-dependency", Self.dependency)
    spec.when("declare-dependency", Self.dependency.replacing("id", nil))
      .isRefused(.conflict, "already-linked", field: "on")
    spec.when("declare-dependency", Self.dependency.replacing("measure", "x"))
      .isRefused(.notFound, "unknown-measure", field: "measure", facts: ["reference": "x"])
    spec.when("declare-dependency", Self.dependency.replacing("on", "x"))
      .isRefused(.notFound, "unknown-measure", field: "on", facts: ["reference": "x"])
    spec.when("declare-dependency", Self.dependency.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}
