import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §31, names
struct RenameInstitutionTests {
  private let spec = DeciderSpecification.masterplan()
  private static let rename: JSON = ["institution": "senweb", "name": "Wirtschaft und Energie", "short": "SenWE"]

  @Test func `a new name holds from its day on, the old one before`() throws {
    var spec = spec
    let data = Self.rename.replacing("institution", nil)
    spec.when("rename-institution", Self.rename).yields("institution.renamed.v1", on: "institutions/\(id(31))", data)
    spec.given("rename-institution", Self.rename, on: day("2020-01-01"))
    let party = try #require(spec.plan.party("senweb"))
    #expect(party.name(at: day("2019-12-31")) == "Institution senweb")
    #expect(party.name(at: day("2020-01-01")) == "Wirtschaft und Energie")
    #expect(party.short(at: day("2019-12-31")) == nil)
    #expect(party.short(at: day("2020-01-01")) == "SenWE")
  }

  @Test func `a rename that is learnt of late shows between the two that were known`() throws {
    var spec = spec
    spec.given("rename-institution", ["institution": "senweb", "name": "C"], on: day("2022-01-01"))
    spec.given("rename-institution", ["institution": "senweb", "name": "B"], on: day("2020-01-01"))
    let party = try #require(spec.plan.party("senweb"))
    #expect(
      ["2019-06-01", "2021-12-31", "2022-01-01"].map { party.name(at: day($0)) } == ["Institution senweb", "B", "C"])
  }

  @Test func `the short form stays unless a new one is given`() throws {
    var spec = spec
    spec.given("rename-institution", Self.rename)
    spec.given("rename-institution", ["institution": "senweb", "name": "Ganz neu"], on: day("2020-01-01"))
    #expect(spec.plan.party("senweb")?.short(at: day("2020-06-01")) == "SenWE")
  }

  @Test func `the old name still finds the institution, and nobody else can take it`() {
    var spec = spec
    spec.given("rename-institution", Self.rename, on: day("2019-02-01"))
    for name in ["Institution senweb", "Wirtschaft und Energie", "SenWE"] {
      #expect(spec.plan.party(named: name)?.slug == "senweb")
      let facts: JSON = ["value": .string(name), "holder": "senweb"]
      spec.when("rename-institution", ["institution": "ihk", "name": .string(name)])
        .isRefused(.conflict, "name-taken", field: "name", facts: facts)
      spec.when("rename-institution", ["institution": "ihk", "name": "N", "short": .string(name)])
        .isRefused(.conflict, "name-taken", field: "short", facts: facts)
      spec.when("add-alias", ["institution": "ihk", "name": .string(name)])
        .isRefused(.conflict, "name-taken", field: "name", facts: facts)
    }
  }

  @Test func `it may return to a name that it had`() {
    var spec = spec
    spec.given("rename-institution", Self.rename)
    spec.when("rename-institution", ["institution": "senweb", "name": "Institution senweb"], on: day("2019-04-01"))
      .yields("institution.renamed.v1", on: "institutions/\(id(31))")
  }

  @Test func `the same names again change nothing`() {
    var spec = spec
    spec.given("rename-institution", Self.rename)
    spec.when("rename-institution", Self.rename).yieldsNothing()
    spec.when("rename-institution", Self.rename.replacing("short", nil)).yieldsNothing()
  }

  @Test func `a date before its founding, a placeholder and what does not exist are refused`() {
    var spec = spec
    spec.when("rename-institution", Self.rename, on: day("2018-09-03"))
      .isRefused(.rule, "before-start", field: "effectiveDate", facts: ["start": "2018-09-04"])
    spec.given("register-placeholder", ["slug": "p", "label": "P", "steward": "senweb", "due": "2019-12-31"])
    spec.when("rename-institution", Self.rename.replacing("institution", "p"))
      .isRefused(.rule, "not-an-institution", field: "institution", facts: ["placeholder": "p"])
    spec.when("rename-institution", Self.rename.replacing("institution", "x"))
      .isRefused(.notFound, "unknown-institution", field: "institution")
    spec.when("rename-institution", Self.rename.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}
