import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §41, roles
struct ClarifyRoleTests {
  private var spec = DeciderSpecification.masterplan()
  private static let clarify: JSON = ["assignment": id(60).json, "role": "lead", "reason": "Auskunft"]

  init() { spec.assign("unclear", "tu", 60, ["from": "2018-10-01"]) }

  @Test func `an unclear role gets one from a day on`() throws {
    var spec = spec
    spec.when("clarify-role", Self.clarify.replacing("source", ["S2:954"])).yields(
      "measure.role-clarified.v1", on: "measures/\(id(21))",
      ["assignment": id(60).json, "role": "lead", "reason": "Auskunft", "source": ["S2:954"]])
    spec.given("clarify-role", Self.clarify)
    let assignment = try #require(spec.plan.assignment(id(60).value)?.assignment)
    #expect(assignment.role == .lead)
    #expect(assignment.role(on: day("2019-02-28")) == .unclear)
    #expect(assignment.role(on: day("2019-03-01")) == .lead)
  }

  @Test func `only then it is held to the role`() {
    var spec = spec
    let report: JSON = ["measure": "fachkraefte.1.I", "condition": "on-track"]
    spec.given("clarify-role", Self.clarify)
    spec.when("report-progress", report, as: .lead("tu"), on: day("2019-02-28"))
      .isRefused(.forbidden, "not-assigned", field: "institution")
    spec.when("report-progress", report, as: .lead("tu")).isAccepted()
  }

  @Test func `a lead that comes out of it needs a place under the cap`() {
    var spec = spec
    spec.assign("lead", "ihk", 61)
    spec.assign("lead", "hwk", 62, ["from": "2019-05-01"])
    spec.when("clarify-role", Self.clarify).isRefused(.rule, "lead-cap", field: "role")
    spec.when("clarify-role", Self.clarify.replacing("role", "contributor")).isAccepted()
  }

  @Test func `what is clarified before it begins is so from then on, and needs a place under the cap`() throws {
    var spec = spec
    spec.assign("unclear", "ihk", 66, ["from": "2019-06-01"])
    var clear = spec
    clear.given("clarify-role", Self.clarify.replacing("assignment", id(66).json))
    let assignment = try #require(clear.plan.assignment(id(66).value)?.assignment)
    #expect(!assignment.leads(on: day("2019-05-31")))
    #expect(assignment.leads(on: day("2019-06-01")))
    spec.assign("lead", "senweb", 67)
    spec.assign("lead", "hwk", 68)
    spec.when("clarify-role", Self.clarify.replacing("assignment", id(66).json))
      .isRefused(.rule, "lead-cap", field: "role")
  }

  @Test func `the role must not clash with another that the institution has`() {
    var spec = spec
    spec.assign("contributor", "tu", 63)
    spec.when("clarify-role", Self.clarify.replacing("role", "contributor"))
      .isRefused(.conflict, "already-assigned", field: "role", facts: ["assignment": id(63).json])
    spec.assign("consulted", "tu", 64)
    spec.when("clarify-role", Self.clarify)
      .isRefused(.rule, "role-excluded", field: "role", facts: ["assignment": id(64).json, "role": "consulted"])
  }

  @Test func `the institution itself may say so, others may not`() {
    spec.when("clarify-role", Self.clarify, as: .lead("tu")).isAccepted()
    spec.when("clarify-role", Self.clarify, as: .lead("ihk")).isRefused(.forbidden, "not-named", field: "assignment")
  }

  @Test func `what is clear, stays unclear, has ended or has no source is refused`() {
    var spec = spec
    spec.when("clarify-role", Self.clarify.replacing("reason", nil)).isRefused(.rule, "source-needed", field: "source")
    spec.when("clarify-role", Self.clarify.replacing("role", "unclear"))
      .isRefused(.malformed, "invalid-value", field: "role")
    spec.assign("unclear", "ihk", 65, ["until": "2019-04-01"])
    spec.when("clarify-role", Self.clarify.replacing("assignment", id(65).json), on: day("2019-04-01"))
      .isRefused(.conflict, "assignment-ended", field: "assignment", facts: ["until": "2019-04-01"])
    spec.given("clarify-role", Self.clarify)
    spec.when("clarify-role", Self.clarify)
      .isRefused(.conflict, "nothing-unclear", field: "assignment", facts: ["role": "lead"])
  }
}
