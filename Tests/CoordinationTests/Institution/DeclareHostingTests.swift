import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct DeclareHostingTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `a body is hosted by one institution at a time`() throws {
    var spec = spec
    spec.when("declare-hosting", ["body": "skip", "by": "senweb"])
      .yields("institution.hosting-declared.v1", on: "institutions/\(id(36))", ["by": id(31).json])
    spec.given("declare-hosting", ["body": "skip", "by": "senweb"])
    spec.when("declare-hosting", ["body": "skip", "by": "senweb"])
      .isRefused(.conflict, "already-hosted", field: "body")
    spec.given("declare-hosting", ["body": "skip", "by": "tu"], on: day("2020-01-01"))
    let body = try #require(spec.plan.party("skip"))
    #expect(body.hostedBy(on: day("2019-12-31")) == PartyID(id(31).value))
    #expect(body.hostedBy(on: day("2020-01-01")) == PartyID(id(34).value))
  }

  @Test func `nothing hosts itself; unknown parties and documents are refused`() {
    spec.when("declare-hosting", ["body": "skip", "by": "skip"]).isRefused(.rule, "cycle", field: "by")
    spec.when("declare-hosting", ["body": "x", "by": "tu"])
      .isRefused(.notFound, "unknown-institution", field: "body", facts: ["reference": "x"])
    spec.when("declare-hosting", ["body": "skip", "by": "x"])
      .isRefused(.notFound, "unknown-institution", field: "by", facts: ["reference": "x"])
    spec.when("declare-hosting", ["body": "skip", "by": "tu", "source": ["X:1"]])
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}
