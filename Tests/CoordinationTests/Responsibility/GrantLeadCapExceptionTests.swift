import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §1, exceptions
struct GrantLeadCapExceptionTests {
  private var spec = DeciderSpecification.masterplan()
  private static let grant: JSON = ["measure": "fachkraefte.1.I", "leads": 3, "reason": "Drei Häuser tragen es"]
  private static let third: JSON = ["measure": "fachkraefte.1.I", "institution": "tu"]

  init() {
    spec.assign("lead", "senweb", 61)
    spec.assign("lead", "ihk", 62)
  }

  @Test func `an exception makes room for just as many as it says`() {
    var spec = spec
    spec.when("grant-lead-cap-exception", Self.grant).yields(
      "measure.lead-cap-exception-granted.v1", on: "measures/\(id(21))",
      ["leads": 3, "reason": "Drei Häuser tragen es"])
    spec.when("assign-lead", Self.third).isRefused(.rule, "lead-cap", field: "institution")
    spec.given("grant-lead-cap-exception", Self.grant)
    spec.given("assign-lead", Self.third)
    spec.when("assign-lead", Self.third.replacing("institution", "hwk")).isRefused(
      .rule, "lead-cap", field: "institution",
      facts: ["leadCap": 3, "leads": ["ihk", "senweb", "tu"], "exception": "grant-lead-cap-exception"])
  }

  @Test func `it holds from its day on`() {
    var spec = spec
    spec.given("grant-lead-cap-exception", Self.grant, on: day("2019-06-01"))
    spec.when("assign-lead", Self.third.replacing("from", "2019-05-31"))
      .isRefused(.rule, "lead-cap", field: "institution")
    spec.when("assign-lead", Self.third.replacing("from", "2019-06-01")).isAccepted()
  }

  @Test func `it is for one measure and one phase`() {
    var spec = spec
    spec.given("grant-lead-cap-exception", Self.grant.replacing("phase", "Aufbau"))
    spec.when("assign-lead", Self.third).isRefused(.rule, "lead-cap", field: "institution")
    for (number, institution) in [(63, "senweb"), (64, "ihk"), (65, "hwk")] as [(UInt64, String)] {
      spec.assign("lead", institution, number, ["phase": "Aufbau"])
    }
    spec.when("assign-lead", Self.third.replacing("phase", "Aufbau"))
      .isRefused(.rule, "lead-cap", field: "institution")
  }

  @Test func `a smaller exception later leaves no room for more on that day`() {
    var spec = spec
    spec.given("grant-lead-cap-exception", Self.grant.replacing("leads", 4))
    spec.given("assign-lead", Self.third)
    spec.given("grant-lead-cap-exception", Self.grant, on: day("2020-01-01"))
    let fourth = Self.third.replacing("institution", "hwk")
    spec.when("assign-lead", fourth).isRefused(.rule, "lead-cap", field: "institution")
    spec.when("assign-lead", fourth.replacing("until", "2020-01-01")).isAccepted()
  }

  @Test func `the office gives a reason, and only for more than is allowed anyway`() {
    var spec = spec
    spec.when("grant-lead-cap-exception", Self.grant.replacing("reason", nil))
      .isRefused(.rule, "reason-needed", field: "reason")
    spec.when("grant-lead-cap-exception", Self.grant.replacing("leads", 2))
      .isRefused(.rule, "no-exception", field: "leads", facts: ["leadCap": 2])
    spec.when("grant-lead-cap-exception", Self.grant, as: .lead("senweb")).isRefused(.forbidden, "role-not-allowed")
    spec.when("grant-lead-cap-exception", Self.grant.replacing("measure", "x"))
      .isRefused(.notFound, "unknown-measure", field: "measure")
    spec.given("grant-lead-cap-exception", Self.grant)
    spec.when("grant-lead-cap-exception", Self.grant).yieldsNothing()
  }
}
