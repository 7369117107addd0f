import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct EndAssignmentTests {
  private var spec = DeciderSpecification.masterplan()

  init() { spec.assign("lead", "tu", 60) }

  @Test func `an assignment ends on the day given, or on the effective date`() {
    spec.when("end-assignment", ["assignment": id(60).json, "until": "2019-08-01", "reason": "Wechsel"]).yields(
      "measure.assignment-ended.v1", on: "measures/\(id(21))",
      ["assignment": id(60).json, "until": "2019-08-01", "reason": "Wechsel"])
    spec.when("end-assignment", ["assignment": id(60).json], on: day("2019-04-01")).yields(
      "measure.assignment-ended.v1", on: "measures/\(id(21))", ["assignment": id(60).json, "until": "2019-04-01"])
  }

  @Test func `it holds up to that day and makes room for another`() throws {
    var spec = spec
    spec.assign("lead", "ihk", 61)
    spec.given("end-assignment", ["assignment": id(60).json, "until": "2019-08-01"])
    let ended = try #require(spec.plan.measure("fachkraefte.1.I")?.assignments.first)
    #expect(ended.holds(on: day("2019-07-31")))
    #expect(!ended.holds(on: day("2019-08-01")))
    spec.when("assign-lead", ["measure": "fachkraefte.1.I", "institution": "hwk", "from": "2019-08-01"])
      .yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
  }

  @Test func `an unknown assignment, a second end and an end before the start are refused`() {
    var spec = spec
    spec.when("end-assignment", ["assignment": id(99).json])
      .isRefused(.notFound, "unknown-assignment", field: "assignment", facts: ["reference": id(99).json])
    spec.when("end-assignment", ["assignment": id(60).json, "until": "2019-02-28"])
      .isRefused(.rule, "end-before-start", field: "until")
    spec.given("end-assignment", ["assignment": id(60).json])
    spec.when("end-assignment", ["assignment": id(60).json])
      .isRefused(.conflict, "already-ended", field: "assignment")
  }

  @Test func `a planned end can be brought forward, but not put off`() throws {
    var spec = spec
    spec.assign("lead", "ihk", 61, ["until": "2020-01-01"])
    for until: JSON in ["2020-01-01", "2020-06-01"] {
      spec.when("end-assignment", ["assignment": id(61).json, "until": until])
        .isRefused(.conflict, "already-ended", field: "assignment", facts: ["until": "2020-01-01"])
    }
    spec.given("end-assignment", ["assignment": id(61).json, "until": "2019-09-01"])
    #expect(spec.plan.assignment(id(61).value)?.assignment.until == day("2019-09-01"))
    // The freed place can be taken from that day on.
    spec.given("assign-lead", ["measure": "fachkraefte.1.I", "institution": "hwk", "from": "2019-09-01"])
    spec.when("end-assignment", ["assignment": id(61).json, "until": "2019-05-01"]).isAccepted()
  }
}
