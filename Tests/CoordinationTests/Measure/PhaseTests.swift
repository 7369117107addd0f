import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §5
struct PhaseTests {
  private let spec = DeciderSpecification.masterplan()
  private static let phase: JSON = ["measure": "fachkraefte.1.I", "phase": "Aufbau"]

  @Test func `a phase starts when somebody leads it or the whole measure`() throws {
    for terms: JSON in [[:], ["phase": "Aufbau"]] {
      var spec = spec
      spec.assign("lead", "tu", 60, terms)
      spec.when("start-phase", Self.phase)
        .yields("measure.phase-started.v1", on: "measures/\(id(21))", ["phase": "Aufbau"])
      spec.given("start-phase", Self.phase)
      #expect(try spec.measure.phases.map(\.phase) == ["Aufbau"])
      #expect(try spec.measure.states.last == .running)
    }
  }

  @Test func `a phase without any lead on that day is refused`() {
    let facts: JSON = ["measure": "fachkraefte.1.I", "phase": "Aufbau"]
    spec.when("start-phase", Self.phase).isRefused(.rule, "no-lead", field: "phase", facts: facts)
    for terms: JSON in [["phase": "Umsetzung"], ["condition": "ggf."], ["from": "2019-03-02"]] {
      var spec = spec
      spec.assign("lead", "tu", 60, terms)
      spec.when("start-phase", Self.phase).isRefused(.rule, "no-lead", field: "phase")
    }
    var spec = spec
    spec.assign("contributor", "tu", 60)
    spec.when("start-phase", Self.phase).isRefused(.rule, "no-lead", field: "phase")
  }

  @Test func `a placeholder will do as lead`() {
    var spec = spec
    spec.given(
      "register-placeholder", ["slug": "wer", "label": "Noch offen", "steward": "senweb", "due": "2019-12-31"])
    spec.assign("lead", "wer", 60)
    spec.when("start-phase", Self.phase).isAccepted()
  }

  @Test func `a measure is led when all its parts are`() {
    var spec = spec
    spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": "A", "title": "A"])
    spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": "B", "title": "B"])
    spec.given("assign-lead", ["measure": "fachkraefte.1.I.A", "institution": "tu"])
    spec.when("start-phase", Self.phase).isRefused(.rule, "no-lead", field: "phase")
    spec.given("assign-lead", ["measure": "fachkraefte.1.I.B", "institution": "ihk"])
    spec.when("start-phase", Self.phase).isAccepted()
  }

  @Test func `parts that are finished, led elsewhere or not there yet need no lead`() throws {
    var spec = spec
    for part in ["A", "B", "C"] as [JSON] {
      spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": part, "title": part])
    }
    spec.given("assign-lead", ["measure": "fachkraefte.1.I.A", "institution": "tu"])
    spec.given("discontinue-measure", ["measure": "fachkraefte.1.I.B", "reason": "R"])
    spec.when("start-phase", Self.phase).isRefused(.rule, "no-lead", field: "phase")
    #expect(try spec.plan.leadership(of: spec.measure, on: spec.today) == .none)
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I.C", "programme": "bek", "externalID": "W-1"])
    spec.given(
      "add-sub-measure", ["measure": "fachkraefte.1.I", "part": "D", "title": "D"], on: day("2030-01-01"))
    spec.when("start-phase", Self.phase).isAccepted()
    #expect(try spec.plan.leadership(of: spec.measure, on: spec.today) == .institution)
    #expect(try spec.plan.lacksLead(spec.measure, on: day("2030-01-01")))
  }

  @Test func `whoever led the parts led the whole, also once all of it is finished`() throws {
    var spec = spec
    for part in ["A", "B"] as [JSON] {
      spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": part, "title": "T"])
    }
    for part in ["fachkraefte.1.I.A", "fachkraefte.1.I.B"] as [JSON] {
      spec.given("assign-lead", ["measure": part, "institution": "tu"])
      spec.given("discontinue-measure", ["measure": part, "reason": "R"])
    }
    #expect(try spec.plan.state(of: spec.measure, on: spec.today).isFinished)
    #expect(try spec.plan.leadership(of: spec.measure, on: spec.today) == .institution)
  }

  @Test func `a phase ends, and may start again`() throws {
    var spec = spec
    spec.assign("lead", "tu", 60)
    spec.when("end-phase", Self.phase).isRefused(.conflict, "not-started", field: "phase", facts: ["phases": []])
    spec.given("start-phase", Self.phase)
    spec.when("start-phase", Self.phase).isRefused(.conflict, "already-started", field: "phase")
    spec.when("end-phase", Self.phase, on: day("2019-02-28"))
      .isRefused(.rule, "end-before-start", field: "effectiveDate", facts: ["start": "2019-03-01"])
    spec.given("end-phase", Self.phase, on: day("2019-06-01"))
    spec.when("start-phase", Self.phase, on: day("2019-05-31")).isRefused(.conflict, "already-started", field: "phase")
    spec.given("start-phase", Self.phase, as: .lead("tu"), on: day("2019-06-01"))
    let phases = try spec.measure.phases
    #expect(phases.map(\.until) == [day("2019-06-01"), nil])
    #expect(phases[0].holds(on: day("2019-05-31")))
    #expect(!phases[0].holds(on: day("2019-06-01")))
  }

  @Test func `a measure that rests starts no phase`() {
    var spec = spec
    spec.assign("lead", "tu", 60)
    spec.given("start-phase", Self.phase)
    spec.given("pause-measure", ["measure": "fachkraefte.1.I", "reason": "R"])
    spec.when("start-phase", Self.phase.replacing("phase", "Umsetzung")).isRefused(
      .conflict, "wrong-state", field: "measure",
      facts: ["state": "paused", "allowed": ["admitted", "planned", "running"]])
  }
}
