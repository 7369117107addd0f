import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §31
struct SucceedInstitutionTests {
  private var spec = DeciderSpecification.masterplan()
  private static let merger: JSON = ["predecessors": ["ihk", "hwk"], "successor": "tu"]

  init() {
    spec.assign("lead", "ihk", 60)
    spec.assign("contributor", "hwk", 61, ["until": "2021-01-01"])
    spec.given("assign-contributor", ["id": id(62).json, "measure": "fachkraefte.1.II", "institution": "ihk"])
  }

  private func roles(_ code: String, on date: String, in spec: DeciderSpecification) -> [String] {
    let assignments = spec.plan.measure(code)?.assignments.filter { $0.holds(on: day(date)) } ?? []
    return assignments.map { "\(spec.plan.parties[$0.holder]?.slug ?? "") \($0.role.rawValue)" }
  }

  @Test func `a succession is a fact about each predecessor and moves nothing by itself`() throws {
    spec.when("succeed-institution", ["predecessors": ["ihk"], "successor": "tu", "source": ["S2:1"]]).yields(
      "institution.succeeded.v1", on: "institutions/\(id(32))", ["by": id(34).json, "source": ["S2:1"]])
    var spec = spec
    spec.given("succeed-institution", Self.merger)
    #expect(spec.plan.party("ihk")?.successions.map(\.by) == [PartyID(id(34).value)])
    #expect(spec.plan.party("hwk")?.successions.map(\.from) == [day("2019-03-01")])
    #expect(roles("fachkraefte.1.I", on: "2019-03-01", in: spec) == ["ihk lead", "hwk contributor"])
  }

  @Test func `when it is said so, all that is open moves on that day`() {
    var spec = spec
    spec.given("succeed-institution", Self.merger.replacing("moveAssignments", true), on: day("2020-01-01"))
    #expect(roles("fachkraefte.1.I", on: "2019-12-31", in: spec) == ["ihk lead", "hwk contributor"])
    #expect(roles("fachkraefte.1.I", on: "2020-01-01", in: spec) == ["tu lead", "tu contributor"])
    // What was planned to end still does.
    #expect(roles("fachkraefte.1.I", on: "2021-01-01", in: spec) == ["tu lead"])
    #expect(roles("fachkraefte.1.II", on: "2020-01-01", in: spec) == ["tu contributor"])
    let old = spec.plan.assignment(id(60).value)?.assignment
    #expect(old?.state(on: day("2019-12-31")) == .named)
    #expect(old?.state(on: day("2020-01-01")) == .ended)
  }

  @Test func `or only the assignments that are named`() {
    var spec = spec
    spec.given(
      "succeed-institution", Self.merger.replacing("assignments", [id(62).json]), on: day("2020-01-01"))
    #expect(roles("fachkraefte.1.I", on: "2020-01-01", in: spec) == ["ihk lead", "hwk contributor"])
    #expect(roles("fachkraefte.1.II", on: "2020-01-01", in: spec) == ["tu contributor"])
  }

  @Test func `what has ended stays, and what begins later moves whole`() {
    var spec = spec
    spec.assign("consulted", "hwk", 63, ["from": "2018-10-01", "until": "2019-02-01"])
    spec.assign("contributor", "hwk", 64, ["phase": "Umsetzung", "from": "2020-06-01"])
    spec.given("succeed-institution", Self.merger.replacing("moveAssignments", true), on: day("2020-01-01"))
    #expect(spec.plan.assignment(id(63).value)?.assignment.until == day("2019-02-01"))
    let later = spec.plan.assignment(id(64).value)?.assignment
    #expect(later?.until == later?.from)
    let moved = spec.plan.measure("fachkraefte.1.I")?.assignments.filter { $0.phase == "Umsetzung" }
    #expect(moved?.last?.holder == PartyID(id(34).value))
    #expect(moved?.last?.from == day("2020-06-01"))
  }

  @Test func `two that become one keep one assignment`() {
    var spec = spec
    spec.given("assign-contributor", ["measure": "fachkraefte.1.II", "institution": "hwk", "from": "2019-03-01"])
    spec.given("assign-contributor", ["measure": "fachkraefte.1.III", "institution": "ihk"])
    spec.given("assign-contributor", ["measure": "fachkraefte.1.III", "institution": "tu"])
    spec.given("succeed-institution", Self.merger.replacing("moveAssignments", true), on: day("2020-01-01"))
    #expect(roles("fachkraefte.1.II", on: "2020-01-01", in: spec) == ["tu contributor"])
    #expect(roles("fachkraefte.1.III", on: "2020-01-01", in: spec) == ["tu contributor"])
  }

  @Test func `two full houses of leads are still two after a merger`() {
    var spec = spec
    spec.assign("lead", "hwk", 65)
    spec.given("succeed-institution", Self.merger.replacing("moveAssignments", true), on: day("2020-01-01"))
    #expect(roles("fachkraefte.1.I", on: "2020-01-01", in: spec) == ["tu lead", "tu contributor"])
  }

  @Test func `what the roles of the successor exclude is refused whole`() {
    var spec = spec
    spec.assign("consulted", "tu", 66)
    spec.when("succeed-institution", Self.merger.replacing("moveAssignments", true)).isRefused(
      .rule, "role-excluded", field: "successor", facts: ["assignment": id(66).json, "role": "consulted"])
    spec.when("succeed-institution", Self.merger).isAccepted()
  }

  @Test func `what was declined ends and is nobody's afterwards`() {
    var spec = spec
    spec.given("decline-assignment", ["assignment": id(60).json], as: .lead("ihk"))
    // The place that it kept no longer is taken by others.
    spec.assign("lead", "senweb", 69)
    spec.assign("lead", "skip", 70)
    spec.given("succeed-institution", Self.merger.replacing("moveAssignments", true), on: day("2020-01-01"))
    #expect(roles("fachkraefte.1.I", on: "2020-01-01", in: spec) == ["senweb lead", "skip lead", "tu contributor"])
    #expect(spec.plan.assignment(id(60).value)?.assignment.until == day("2020-01-01"))
  }

  @Test func `a condition that came true has come true for the successor as well`() {
    var spec = spec
    for (number, role) in [(67, "lead-partner"), (68, "unclear")] as [(UInt64, String)] {
      spec.assign(role, "hwk", number, ["condition": "ggf."])
    }
    spec.given("activate-condition", ["assignment": id(67).json, "reason": "R"])
    spec.given("succeed-institution", ["predecessors": ["hwk"], "successor": "tu", "moveAssignments": true])
    let states = spec.plan.measure("fachkraefte.1.I")?.assignments.filter { $0.condition != nil && $0.until == nil }
    #expect(states?.map { $0.state(on: spec.today) } == [.active, .dormant])
  }

  @Test func `a successor that is gone, not there yet, no institution or itself is refused`() {
    var spec = spec
    spec.given("register-institution", ["slug": "neu", "name": "Neu", "kind": "body"], on: day("2020-01-01"))
    spec.given("dissolve-institution", ["institution": "zewk"], on: day("2019-02-01"))
    spec.given("register-placeholder", ["slug": "p", "label": "P", "steward": "tu", "due": "2019-12-31"])
    spec.when("succeed-institution", Self.merger.replacing("successor", "zewk")).isRefused(
      .rule, "successor-dissolved", field: "successor", facts: ["successor": "zewk", "dissolved": "2019-02-01"])
    spec.when("succeed-institution", Self.merger.replacing("successor", "neu"))
      .isRefused(.rule, "before-start", field: "successor", facts: ["start": "2020-01-01"])
    spec.when("succeed-institution", Self.merger.replacing("successor", "p"))
      .isRefused(.rule, "not-an-institution", field: "successor", facts: ["placeholder": "p"])
    spec.when("succeed-institution", Self.merger.replacing("successor", "ihk"))
      .isRefused(.rule, "cycle", field: "predecessors")
  }

  @Test func `no predecessor, one not founded yet, or the same succession again are refused`() {
    var spec = spec
    spec.when("succeed-institution", ["successor": "tu"]).isRefused(.malformed, "missing-field", field: "predecessors")
    spec.given("register-institution", ["slug": "neu", "name": "Neu", "kind": "body"], on: day("2020-01-01"))
    spec.when("succeed-institution", Self.merger.replacing("predecessors", ["neu"]))
      .isRefused(.rule, "before-start", field: "effectiveDate", facts: ["start": "2020-01-01"])
    spec.given("succeed-institution", Self.merger)
    spec.when("succeed-institution", Self.merger)
      .isRefused(.conflict, "already-succeeded", field: "predecessors", facts: ["predecessor": "ihk"])
    // Tasks may be cut anew later, also back again.
    spec.when("succeed-institution", ["predecessors": ["tu"], "successor": "ihk"], on: day("2021-01-01")).isAccepted()
  }

  @Test func `assignments that are unknown, ended or of others cannot be named`() {
    var spec = spec
    spec.assign("contributor", "senweb", 69)
    spec.given("end-assignment", ["assignment": id(61).json, "until": "2019-03-01"])
    func moving(_ number: UInt64) -> Outcome {
      spec.when("succeed-institution", Self.merger.replacing("assignments", [id(number).json]))
    }
    moving(99).isRefused(.notFound, "unknown-assignment", field: "assignments")
    moving(69).isRefused(.rule, "not-held", field: "assignments", facts: ["assignment": id(69).json])
    moving(61).isRefused(.conflict, "assignment-ended", field: "assignments", facts: ["assignment": id(61).json])
  }
}
