import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct CiteSourceTests {
  private let spec = DeciderSpecification.masterplan()

  @Test(arguments: [
    ("fachkraefte.1.I", "measures/\(id(21))"), ("\(id(22))", "measures/\(id(22))"),
    ("senweb", "institutions/\(id(31))"),
    ("kammern", "groups/\(id(41))"), ("fachkraefte", "theme-clusters/\(id(11))"), ("industriestadt", "plans/\(id(0))"),
    ("\(id(12))", "goals/\(id(12))"), ("\(id(51))", "strategies/\(id(51))"),
  ])
  func `anything can be cited, by code, slug or id`(item: String, subject: String) {
    spec.when("cite-source", ["item": .string(item), "source": ["S2:686-695", "S2:7"]])
      .yields("plan.source-cited.v1", on: subject, ["source": ["S2:686-695", "S2:7"]])
  }

  @Test func `citations add up`() {
    var spec = spec
    spec.given("cite-source", ["item": "senweb", "source": ["S2:1"]])
    spec.given("cite-source", ["item": "senweb", "source": ["S2:2"]])
    #expect(spec.plan.citations[id(31).value]?.map(\.text) == ["S2:1", "S2:2"])
  }

  @Test func `an unknown item, an unknown document and no citation at all are refused`() {
    spec.when("cite-source", ["item": "nobody", "source": ["S2:1"]])
      .isRefused(.notFound, "unknown-item", field: "item", facts: ["reference": "nobody"])
    spec.when("cite-source", ["item": "senweb", "source": ["S2:1", "S3:1"]])
      .isRefused(.notFound, "unknown-document", field: "source", facts: ["reference": "S3"])
    spec.when("cite-source", ["item": "senweb"]).isRefused(.malformed, "invalid-value", field: "source")
  }

  @Test(arguments: [
    "S2", "S2:", "S2:a", ":1", "S2:2-1", "S2:1-", "S2:1-2-3", "S2:1:2", "S2: 1", "S2:12345678", "S2:-1",
  ])
  func `a citation in any other form is refused`(citation: String) {
    spec.when("cite-source", ["item": "senweb", "source": [.string(citation)]])
      .isRefused(.malformed, "invalid-value", field: "source[0]")
  }
}
