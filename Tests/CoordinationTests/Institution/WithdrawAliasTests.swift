import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct WithdrawAliasTests {
  private var spec = DeciderSpecification.masterplan()

  init() { spec.given("add-alias", ["institution": "ihk", "name": "Kammer"]) }

  @Test func `a withdrawn alias counts up to its day`() throws {
    var spec = spec
    spec.when("withdraw-alias", ["institution": "ihk", "name": "Kammer", "reason": "Irrtum"]).yields(
      "institution.alias-withdrawn.v1", on: "institutions/\(id(32))", ["name": "Kammer", "reason": "Irrtum"])
    spec.given("withdraw-alias", ["institution": "ihk", "name": "Kammer"], on: day("2019-04-01"))
    let alias = try #require(spec.plan.party("ihk")?.aliases.first)
    #expect(alias.holds(on: day("2019-03-31")))
    #expect(!alias.holds(on: day("2019-04-01")))
  }

  @Test func `from that day on another may have the name`() {
    var spec = spec
    spec.given("withdraw-alias", ["institution": "ihk", "name": "Kammer"], on: day("2019-04-01"))
    let other: JSON = ["institution": "hwk", "name": "Kammer"]
    spec.when("add-alias", other, on: day("2019-03-31")).isRefused(.conflict, "name-taken", field: "name")
    spec.given("add-alias", other, on: day("2019-04-01"))
    #expect(spec.plan.party(named: "Kammer")?.slug == "hwk")
  }

  @Test func `it can be given to the same institution again`() {
    var spec = spec
    spec.given("withdraw-alias", ["institution": "ihk", "name": "Kammer"])
    spec.given("add-alias", ["institution": "ihk", "name": "Kammer"])
    #expect(spec.plan.party("ihk")?.aliases.map { $0.holds(on: spec.today) } == [false, true])
  }

  @Test func `a name that is no alias, or no longer one, is refused`() {
    var spec = spec
    spec.when("withdraw-alias", ["institution": "ihk", "name": "Institution ihk"]).isRefused(
      .notFound, "unknown-alias", field: "name", facts: ["reference": "Institution ihk"])
    spec.when("withdraw-alias", ["institution": "x", "name": "Kammer"])
      .isRefused(.notFound, "unknown-institution", field: "institution")
    spec.given("withdraw-alias", ["institution": "ihk", "name": "Kammer"])
    spec.when("withdraw-alias", ["institution": "ihk", "name": "Kammer"])
      .isRefused(.conflict, "already-withdrawn", field: "name")
  }
}
