import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §10
struct MilestoneTests {
  private let spec = DeciderSpecification.masterplan()
  private static let milestone: JSON = [
    "id": id(60).json, "measure": "fachkraefte.1.I", "title": "Konzept", "due": "2019-12-31", "mandatory": true,
  ]
  private static let known: JSON = ["measure": "fachkraefte.1.I", "milestone": id(60).json]

  private var begun: DeciderSpecification {
    var spec = spec
    spec.given("set-milestone", Self.milestone)
    return spec
  }

  @Test func `a milestone is set inside the plan's term`() {
    spec.when("set-milestone", Self.milestone).yields(
      "measure.milestone-set.v1", on: "measures/\(id(21))",
      ["milestone": id(60).json, "title": "Konzept", "due": "2019-12-31", "mandatory": true])
    for due: JSON in ["2018-05-01", "2021-12-31"] {
      spec.when("set-milestone", Self.milestone.replacing("due", due)).isAccepted()
    }
    begun.when("set-milestone", Self.milestone).isRefused(.conflict, "id-taken", field: "id")
    spec.when("set-milestone", Self.milestone.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }

  @Test func `outside the term it is flagged, with a reason`() throws {
    let beyond = Self.milestone.replacing("due", "2023-01-01")
    let term: JSON = ["from": "2018-05-01", "until": "2021-12-31"]
    for incomplete in [
      beyond, beyond.replacing("beyondTerm", true), beyond.replacing("reason", "R"),
      beyond.replacing("due", "2018-04-30"),
    ] {
      spec.when("set-milestone", incomplete).isRefused(.rule, "beyond-term", field: "due", facts: term)
    }
    let flagged = beyond.replacing("beyondTerm", true).replacing("reason", "Übergabe ab 2023")
    spec.when("set-milestone", flagged).isAccepted()
    var later = spec
    later.given("set-milestone", flagged)
    #expect(try later.measure.milestones.first?.due?.isBeyondTerm == true)
    // A flag that says what is not so is not kept.
    later = spec
    later.given("set-milestone", flagged.replacing("due", "2019-12-31"))
    #expect(try later.measure.milestones.first?.due?.isBeyondTerm == false)
  }

  @Test func `a milestone that moves keeps its earlier dates`() throws {
    var spec = begun
    spec.given("reschedule-milestone", Self.known.replacing("due", "2020-06-30"))
    spec.given("reschedule-milestone", Self.known.replacing("due", "2020-12-31"), on: day("2020-01-15"))
    let milestone = try #require(try spec.measure.milestones.first)
    #expect(milestone.due?.date == day("2020-12-31"))
    #expect(milestone.events.count == 3)
    #expect(milestone.dues.value(at: day("2020-01-14"))?.date == day("2020-06-30"))
    spec.when("reschedule-milestone", Self.known.replacing("due", "2020-12-31"), on: day("2020-01-15")).yieldsNothing()
    spec.when("reschedule-milestone", Self.known.replacing("due", "2020-12-31")).isAccepted()
    spec.when("reschedule-milestone", Self.known.replacing("due", "2023-01-01"))
      .isRefused(.rule, "beyond-term", field: "due")
    spec.when(
      "reschedule-milestone",
      Self.known.replacing("due", "2023-01-01").replacing("beyondTerm", true).replacing("reason", "R")
    ).yields(
      "measure.milestone-rescheduled.v1", on: "measures/\(id(21))",
      ["milestone": id(60).json, "due": "2023-01-01", "beyondTerm": true, "reason": "R"])
  }

  @Test func `whether a date lies outside the term is said of each date`() throws {
    var spec = begun
    spec.given(
      "reschedule-milestone",
      Self.known.replacing("due", "2023-01-01").replacing("beyondTerm", true).replacing("reason", "R"),
      on: day("2020-01-15"))
    // Recorded later, about an earlier day: the later date keeps its flag.
    spec.given("reschedule-milestone", Self.known.replacing("due", "2020-12-31"), on: day("2019-06-01"))
    let dues = try #require(try spec.measure.milestones.first).dues.entries.map(\.value)
    #expect(dues.map(\.date) == ["2019-12-31", "2020-12-31", "2023-01-01"].map(day))
    #expect(dues.map(\.isBeyondTerm) == [false, false, true])
  }

  @Test func `a milestone is reached once, and not in the future`() throws {
    var spec = begun
    spec.when("reach-milestone", Self.known)
      .yields("measure.milestone-reached.v1", on: "measures/\(id(21))", ["milestone": id(60).json, "on": "2019-03-01"])
    spec.when("reach-milestone", Self.known.replacing("on", "2019-03-02"))
      .isRefused(.rule, "future-date", field: "on", facts: ["date": "2019-03-02"])
    spec.when("reach-milestone", Self.known, on: day("2019-03-02")).isRefused(.rule, "future-date", field: "on")
    spec.given("reach-milestone", Self.known.replacing("on", "2019-02-01"))
    #expect(try spec.measure.milestones.first?.reachedOn == day("2019-02-01"))
    spec.when("reach-milestone", Self.known)
      .isRefused(.conflict, "already-reached", field: "milestone", facts: ["on": "2019-02-01"])
    spec.when("reschedule-milestone", Self.known.replacing("due", "2020-12-31"))
      .isRefused(.conflict, "already-reached", field: "milestone")
  }

  @Test func `an unknown milestone is refused`() {
    let unknown = Self.known.replacing("milestone", id(61).json)
    begun.when("reach-milestone", unknown)
      .isRefused(.notFound, "unknown-milestone", field: "milestone", facts: ["reference": id(61).json])
    begun.when("reschedule-milestone", unknown.replacing("due", "2020-01-01"))
      .isRefused(.notFound, "unknown-milestone", field: "milestone")
    // Nor is one of another measure known.
    begun.when("reach-milestone", Self.known.replacing("measure", "fachkraefte.1.II"))
      .isRefused(.notFound, "unknown-milestone", field: "milestone")
  }
}
