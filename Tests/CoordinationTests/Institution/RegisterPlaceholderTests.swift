import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct RegisterPlaceholderTests {
  private let spec = DeciderSpecification.masterplan()
  private static let placeholder: JSON = [
    "id": id(60).json, "slug": "weitere", "label": "Weitere Akteure", "steward": "senweb", "due": "2019-12-31",
  ]

  @Test func `a placeholder has a steward and a date, and can hold a responsibility`() {
    var spec = spec
    spec.when("register-placeholder", Self.placeholder).yields(
      "placeholder.registered.v1", on: "placeholders/\(id(60))",
      Self.placeholder.replacing("id", nil).replacing("steward", id(31).json))
    spec.given("register-placeholder", Self.placeholder)
    spec.when("assign-lead", ["measure": "fachkraefte.1.I", "institution": "weitere"])
      .yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
  }

  @Test func `without a steward or a date it is refused`() {
    for field in ["steward", "due"] {
      spec.when("register-placeholder", Self.placeholder.replacing(field, nil))
        .isRefused(.malformed, "missing-field", field: field)
    }
  }

  @Test func `a placeholder is no steward`() {
    var spec = spec
    spec.given("register-placeholder", Self.placeholder)
    spec.when("register-placeholder", ["slug": "q", "label": "Q", "steward": "weitere", "due": "2019-12-31"])
      .isRefused(.rule, "placeholder-steward", field: "steward")
  }

  @Test func `a taken id or slug, an unknown steward and an unknown document are refused`() {
    spec.when("register-placeholder", Self.placeholder.replacing("id", id(31).json))
      .isRefused(.conflict, "id-taken", field: "id")
    spec.when("register-placeholder", Self.placeholder.replacing("slug", "ihk"))
      .isRefused(.conflict, "slug-taken", field: "slug")
    spec.when("register-placeholder", Self.placeholder.replacing("steward", "x"))
      .isRefused(.notFound, "unknown-institution", field: "steward", facts: ["reference": "x"])
    spec.when("register-placeholder", Self.placeholder.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }

  @Test func `a placeholder keeps no institution from its name`() {
    var spec = DeciderSpecification.masterplan()
    spec.given(
      "register-placeholder", ["slug": "stelle", "label": "Stelle", "steward": "senweb", "due": "2019-12-31"])
    spec.when("register-institution", ["slug": "neu", "name": "Stelle", "kind": "office"]).isAccepted()
  }
}
