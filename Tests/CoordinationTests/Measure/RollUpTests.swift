import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §14
struct RollUpTests {
  private var spec = DeciderSpecification.masterplan()
  private static let today = day("2019-03-01")

  init() {
    spec.assign("lead", "tu", 60)
    for part in ["A", "B", "C"] as [JSON] {
      spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": part, "title": part])
      spec.given("assign-lead", ["measure": .string("fachkraefte.1.I.\(part.string ?? "")"), "institution": "tu"])
    }
  }

  private func report(
    _ spec: inout DeciderSpecification, _ part: String, _ condition: JSON, _ percent: JSON? = nil
  ) {
    let json: JSON = ["measure": .string("fachkraefte.1.I.\(part)"), "condition": condition]
    spec.given("report-progress", json.replacing("percent", percent), as: .lead("tu"))
  }

  private func send(_ spec: inout DeciderSpecification, _ command: String, _ part: String) {
    spec.given(command, ["measure": .string("fachkraefte.1.I.\(part)"), "reason": "R"])
  }

  private func rollUp(_ spec: DeciderSpecification) throws -> RollUp {
    try #require(spec.plan.rollUp(of: try spec.measure, on: Self.today))
  }

  @Test func `a measure without parts is its own`() throws {
    let measure = try #require(spec.plan.measure("fachkraefte.1.II"))
    #expect(spec.plan.rollUp(of: measure, on: Self.today) == nil)
    #expect(spec.plan.state(of: measure, on: Self.today) == .planned)
  }

  @Test func `the worst condition of what goes on is that of the whole`() throws {
    var spec = spec
    #expect(try rollUp(spec).condition == "not-assessed")
    report(&spec, "A", "on-track")
    report(&spec, "B", "not-assessed")
    #expect(try rollUp(spec).condition == "on-track")
    report(&spec, "C", "off-track")
    #expect(try rollUp(spec).condition == "off-track")
    send(&spec, "discontinue-measure", "C")
    #expect(try rollUp(spec).condition == "on-track")
  }

  @Test func `the percentage is the mean of the parts that were not given up`() throws {
    var spec = spec
    #expect(try rollUp(spec).percent == nil)
    report(&spec, "A", "on-track", 50)
    #expect(try rollUp(spec).percent == 16)
    #expect(try rollUp(spec).counted == 3)
    #expect(try rollUp(spec).reported == 1)
    report(&spec, "B", "on-track", 40)
    send(&spec, "complete-measure", "B")
    #expect(try rollUp(spec).percent == 50)
    send(&spec, "discontinue-measure", "C")
    #expect(try rollUp(spec).percent == 75)
  }

  @Test func `the state follows from the parts`() throws {
    var spec = spec
    func state(_ spec: DeciderSpecification) throws -> Measure.State {
      spec.plan.state(of: try spec.measure, on: Self.today)
    }
    #expect(try state(spec) == .planned)
    report(&spec, "A", "on-track")
    #expect(try state(spec) == .running)
    send(&spec, "complete-measure", "A")
    #expect(try state(spec) == .running)
    #expect(try rollUp(spec).counts == [.completed: 1, .planned: 2])
    report(&spec, "B", "on-track")
    send(&spec, "pause-measure", "B")
    send(&spec, "discontinue-measure", "C")
    #expect(try state(spec) == .paused)
    send(&spec, "discontinue-measure", "B")
    #expect(try state(spec) == .completed)
    send(&spec, "make-permanent", "A")
    #expect(try state(spec) == .permanent)
    send(&spec, "discontinue-measure", "A")
    #expect(try state(spec) == .discontinued)
    spec.when("report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], as: .lead("tu"))
      .isRefused(.conflict, "finished", field: "measure", facts: ["state": "discontinued"])
  }

  @Test func `parts of another programme are left out`() throws {
    var spec = spec
    report(&spec, "A", "at-risk", 60)
    report(&spec, "B", "on-track", 20)
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I.C", "programme": "bek", "externalID": "W-1"])
    #expect(try rollUp(spec).percent == 40)
    #expect(try rollUp(spec).external == 1)
    #expect(try rollUp(spec).counts == [.running: 2])
  }

  @Test func `what is derived is not set by hand`() {
    let report: JSON = ["measure": "fachkraefte.1.I", "condition": "on-track"]
    let facts: JSON = ["parts": ["fachkraefte.1.I.A", "fachkraefte.1.I.B", "fachkraefte.1.I.C"]]
    spec.when("report-progress", report.replacing("percent", 10), as: .lead("tu"))
      .isRefused(.rule, "derived", field: "percent", facts: facts)
    spec.when("report-progress", report, as: .lead("tu")).isAccepted()
    for command in ["pause-measure", "complete-measure", "discontinue-measure"] {
      spec.when(command, ["measure": "fachkraefte.1.I", "reason": "R"])
        .isRefused(.rule, "derived", field: "measure", facts: facts)
    }
    var spec = spec
    spec.assign("contributor", "ihk", 61)
    spec.when("report-progress", report.replacing("percent", 10), as: .contributor("ihk")).isAccepted()
  }
}
