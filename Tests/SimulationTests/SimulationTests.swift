import Coordination
import EventSourcing
import PlanSpecification
import Simulation
import Testing

/// Three years and four months of the plan that ships with the program.
struct SimulationTests {
  private let usual: SimulatedMasterplan
  private var plan: Plan { usual.plan }
  private let end = day("2021-12-31")

  init() throws { usual = try SimulatedMasterplan.usual.get() }

  @Test func `hardly any command is refused`() {
    let told = usual.run.refusals.sorted { $0.key < $1.key }.map { "\($0.key.command) \($0.key.code): \($0.value)" }
    #expect(usual.run.refusalCount * 200 <= usual.run.commandCount, "\(told)")
  }

  @Test(arguments: [
    "measure.progress-reported", "measure.report-corrected", "measure.scheduled", "measure.prioritised",
    "measure.milestone-set", "measure.milestone-rescheduled", "measure.milestone-reached", "measure.phase-started",
    "measure.deliverable-recorded", "measure.resources-noted", "measure.highlighted", "measure.support-requested",
    "measure.support-granted", "measure.paused", "measure.resumed", "measure.completed", "measure.made-permanent",
    "measure.discontinued",
  ])
  func `measures live`(type: String) { #expect(usual.count(type) > 0) }

  @Test func `every event says that it is simulated`() {
    #expect(usual.events.allSatisfy { $0.envelope.recordedSource == .simulation })
  }
}
