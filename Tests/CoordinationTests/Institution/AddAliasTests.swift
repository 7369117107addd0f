import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct AddAliasTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `an alias is added; only a presumed one says so`() {
    let alias: JSON = ["institution": "senweb", "name": "Wirtschaftsverwaltung", "source": ["S2:3"]]
    let data = alias.replacing("institution", nil)
    let subject = "institutions/\(id(31))"
    spec.when("add-alias", alias).yields("institution.alias-added.v1", on: subject, data)
    spec.when("add-alias", alias.replacing("presumed", false)).yields("institution.alias-added.v1", on: subject, data)
    spec.when("add-alias", alias.replacing("presumed", true))
      .yields("institution.alias-added.v1", on: subject, data.replacing("presumed", true))
  }

  @Test func `a name that somebody has is refused with its holder`() {
    var spec = spec
    spec.given("add-alias", ["institution": "ihk", "name": "Kammer"])
    spec.when("add-alias", ["institution": "hwk", "name": "Kammer"])
      .isRefused(.conflict, "name-taken", field: "name", facts: ["value": "Kammer", "holder": "ihk"])
    spec.when("add-alias", ["institution": "ihk", "name": "Institution senweb"])
      .isRefused(.conflict, "name-taken", field: "name", facts: ["value": "Institution senweb", "holder": "senweb"])
    spec.when("register-institution", ["slug": "x", "name": "Kammer", "kind": "body"])
      .isRefused(.conflict, "name-taken", field: "name", facts: ["value": "Kammer", "holder": "ihk"])
  }

  @Test func `a placeholder that is worded like an institution does not take its name`() {
    var spec = spec
    spec.given(
      "register-placeholder",
      ["slug": "p", "label": "Institution senweb", "steward": "senweb", "due": "2019-12-31"])
    spec.when("add-alias", ["institution": "ihk", "name": "Institution senweb"])
      .isRefused(.conflict, "name-taken", field: "name", facts: ["value": "Institution senweb", "holder": "senweb"])
  }

  @Test func `an unknown institution and an unknown document are refused`() {
    spec.when("add-alias", ["institution": "nobody", "name": "N"])
      .isRefused(.notFound, "unknown-institution", field: "institution", facts: ["reference": "nobody"])
    spec.when("add-alias", ["institution": "ihk", "name": "N", "source": ["X:1"]])
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}
