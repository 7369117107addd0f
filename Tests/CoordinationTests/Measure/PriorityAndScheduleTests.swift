import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §9
struct PrioritiseMeasureTests {
  private let spec = DeciderSpecification.masterplan()
  private static let priority: JSON = ["measure": "fachkraefte.1.I", "horizon": "short-term"]

  @Test func `a measure gets a rank, a horizon of the plan, or both`() throws {
    spec.when("prioritise-measure", Self.priority)
      .yields("measure.prioritised.v1", on: "measures/\(id(21))", ["horizon": "short-term"])
    spec.when("prioritise-measure", Self.priority.replacing("rank", 1))
      .yields("measure.prioritised.v1", on: "measures/\(id(21))", ["horizon": "short-term", "rank": 1])
    var later = spec
    later.given("prioritise-measure", ["measure": "fachkraefte.1.I", "rank": 3])
    #expect(try later.measure.priorities.last?.rank == 3)
    #expect(try later.measure.priorities.last?.horizon == nil)
  }

  @Test func `a horizon that the plan does not have is refused with those it has`() {
    spec.when("prioritise-measure", Self.priority.replacing("horizon", "some-day")).isRefused(
      .rule, "unknown-horizon", field: "horizon", facts: ["horizons": ["short-term", "medium-term", "long-term"]])
  }

  @Test func `neither rank nor horizon, and a rank before the first, are refused`() {
    spec.when("prioritise-measure", Self.priority.replacing("horizon", nil))
      .isRefused(.malformed, "invalid-value", field: "rank")
    spec.when("prioritise-measure", Self.priority.replacing("rank", 0))
      .isRefused(.rule, "rank-too-small", field: "rank")
  }

  @Test func `a change needs a reason once the plan is adopted, and holds from its day on`() throws {
    var spec = spec
    spec.given("prioritise-measure", Self.priority)
    spec.when("prioritise-measure", Self.priority).yieldsNothing()
    let other = Self.priority.replacing("horizon", "long-term")
    spec.when("prioritise-measure", other).isAccepted()
    spec.given("adopt-plan", ["resolution": "R", "date": "2019-01-01", "body": "senat"])
    spec.when("prioritise-measure", other).isRefused(.rule, "reason-needed", field: "reason")
    spec.given("prioritise-measure", other.replacing("reason", "Mittel fehlen"), on: day("2019-06-01"))
    #expect(try spec.measure.priorities.value(at: day("2019-05-31"))?.horizon == "short-term")
    #expect(try spec.measure.priorities.value(at: day("2019-06-01"))?.horizon == "long-term")
  }
}

struct ScheduleMeasureTests {
  private let spec = DeciderSpecification.masterplan()
  private static let schedule: JSON = ["measure": "fachkraefte.1.I", "from": "2019-05-01", "until": "2020-04-30"]

  @Test func `a measure is planned from a day until a day`() throws {
    spec.when("schedule-measure", Self.schedule).yields(
      "measure.scheduled.v1", on: "measures/\(id(21))", ["from": "2019-05-01", "until": "2020-04-30"])
    var later = spec
    later.given("schedule-measure", Self.schedule)
    #expect(try later.measure.schedules.last?.until == day("2020-04-30"))
    later.when("schedule-measure", Self.schedule).yieldsNothing()
    later.when("schedule-measure", Self.schedule.replacing("until", nil)).isAccepted()
  }

  @Test func `an end before the start and no day at all are refused`() {
    spec.when("schedule-measure", Self.schedule.replacing("until", "2019-04-30"))
      .isRefused(.rule, "end-before-start", field: "until", facts: ["start": "2019-05-01"])
    spec.when("schedule-measure", Self.schedule.replacing("until", "2019-05-01")).isAccepted()
    spec.when("schedule-measure", ["measure": "fachkraefte.1.I"])
      .isRefused(.malformed, "invalid-value", field: "from")
  }

  @Test func `a lead schedules its own measure and no other`() {
    var spec = spec
    spec.assign("lead", "tu", 60)
    spec.when("schedule-measure", Self.schedule, as: .lead("tu")).isAccepted()
    spec.when("schedule-measure", Self.schedule, as: .lead("ihk")).isRefused(
      .forbidden, "not-lead", field: "measure", facts: ["institution": "ihk", "measure": "fachkraefte.1.I"])
    spec.when("schedule-measure", Self.schedule, as: .lead(nil))
      .isRefused(.malformed, "missing-field", field: "institution")
    spec.when("schedule-measure", Self.schedule.replacing("measure", "x"), as: .lead("tu"))
      .isRefused(.notFound, "unknown-measure", field: "measure")
  }

  @Test func `an admitted measure is planned once it has a schedule`() {
    #expect(Measure.State.admitted.after(.schedule) == .planned)
    #expect(Measure.State.running.after(.schedule) == nil)
  }
}
