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

  /// What people do in the simulation, beside the import that it begins with.
  private var lived: [SimulationRun.Event] { usual.events.filter { $0.envelope.actor != .system("import") } }

  @Test func `hardly any command is refused`() {
    let told = usual.run.refusals.sorted { $0.key < $1.key }.map { "\($0.key.command) \($0.key.code): \($0.value)" }
    #expect(usual.run.refusalCount * 200 <= usual.run.commandCount, "\(told)")
  }

  @Test(arguments: [
    "measure.progress-reported", "measure.report-corrected", "measure.scheduled", "measure.prioritised",
    "measure.milestone-set", "measure.milestone-rescheduled", "measure.milestone-reached", "measure.phase-started",
    "measure.deliverable-recorded", "measure.resources-noted", "measure.highlighted", "measure.support-requested",
    "measure.support-granted", "measure.paused", "measure.resumed", "measure.completed", "measure.discontinued",
    "measure.assignment-accepted", "measure.assignment-declined", "measure.lead-handed-over", "measure.role-clarified",
    "measure.condition-activated", "measure.external-status-recorded",
    "issue.raised", "issue.taken-up", "issue.solution-proposed", "issue.solution-accepted", "issue.escalated",
    "issue.decision-deadline-missed", "issue.decision-deadline-set", "issue.escalation-decided",
    "issue.follow-up-assigned", "issue.follow-up-completed", "issue.resolved", "issue.closed", "issue.withdrawn",
    "institution.renamed", "institution.succeeded", "institution.dissolved", "placeholder.resolved",
  ])
  func `all that happens to a plan happens`(type: String) { #expect(usual.count(type) > 0) }

  @Test func `every event says that it is simulated, and so does the plan`() {
    #expect(usual.events.allSatisfy { $0.envelope.recordedSource == .simulation })
    #expect(plan.isSimulated)
  }

  @Test func `every text that somebody writes says that it is simulated`() {
    var sink = DisclosureSink(seed: 1)
    for event in lived { _ = event.envelope.encode(event.fact, disclosing: &sink) }
    let texts = sink.disclosures.compactMap { $0.content?.value.string }
    #expect(texts.count > 500)
    #expect(texts.allSatisfy { $0.hasPrefix("Simulation: ") })
  }

  @Test func `only the import and the clock act as the program`() {
    let others = Set(usual.events.map(\.envelope.actor)).filter { if case .system = $0 { true } else { false } }
    #expect(others == [.system("import"), .system("clock")])
  }

  @Test func `positions have no gaps and time never runs backwards`() {
    #expect(usual.events.map(\.envelope.position.value) == Array(0..<Int64(usual.events.count)))
    for (earlier, later) in zip(usual.events, usual.events.dropFirst()) {
      #expect(earlier.envelope.time <= later.envelope.time)
    }
    #expect(usual.events.first?.envelope.time.utcDate == day("2018-09-04"))
    #expect(usual.events.last.map { $0.envelope.time.utcDate <= end } ?? false)
  }

  @Test func `folding what is stored gives the same plan`() throws {
    var sink = DisclosureSink(seed: 1)
    var again = Plan(id: SimulatedMasterplan.planID)
    for event in usual.events {
      let bytes = event.envelope.encode(event.fact, disclosing: &sink)
      let (envelope, data) = try #require(EventEnvelope.decode(bytes))
      again.apply(try #require(FactCatalogue.fact(type: envelope.type, data: data)), EventRecord(envelope))
    }
    #expect(again.size == plan.size)
    #expect(Set(again.measures.values) == Set(plan.measures.values))
    #expect(Set(again.parties.values) == Set(plan.parties.values))
    #expect(Set(again.issues.values) == Set(plan.issues.values))
    #expect(again.links == plan.links)
    #expect(again.isSimulated)
  }

  // MARK: Plausibility

  @Test func `most leads report about the two days of the year`() {
    let reports = lived.filter { $0.fact is ProgressReported }
    let nearRound = reports.filter {
      let (_, month, day) = $0.envelope.effectiveDate.components
      return month == 6 && day >= 6 || month == 12 && day >= 6
    }
    #expect(reports.count > 1000)
    #expect(nearRound.count * 10 >= reports.count * 9)
  }

  @Test func `some institutions that lead never say anything`() {
    let speakers = Set(lived.compactMap { $0.envelope.onBehalfOf })
    let leading = Set(
      plan.measures.values.flatMap { $0.assignments.filter { $0.role == .lead }.map(\.holder) })
    let silent = leading.compactMap { plan.parties[$0] }.filter {
      $0.noun == .institutions && !speakers.contains($0.subject)
    }
    #expect(silent.count >= 2)
    #expect(silent.count * 2 < leading.count)
  }

  @Test func `on weekends only the clock works`() {
    // Day 0 of the epoch was a Thursday.
    let weekend = lived.filter { ($0.envelope.time.utcDate.daysSinceEpoch + 3) % 7 > 4 }
    #expect(!weekend.isEmpty)
    #expect(weekend.allSatisfy { $0.envelope.actor == .system("clock") })
  }

  @Test func `some report late`() {
    let late = lived.filter { $0.fact is ProgressReported && $0.envelope.effectiveDate < $0.envelope.time.utcDate }
    #expect(late.count > 100)
  }

  @Test func `measures end up in different places`() {
    let states = Dictionary(grouping: plan.measures.values) { plan.state(of: $0, on: end) }.mapValues(\.count)
    #expect(states[.running, default: 0] > 20)
    #expect(states[.completed, default: 0] > 5)
    #expect(states[.external] == 7)
  }

  @Test func `issues climb the ladder, and most find an end`() {
    let levels = Set(plan.issues.values.flatMap { $0.levels.entries.compactMap(\.value) })
    #expect(levels.isSuperset(of: ["office", "network"]))
    #expect(plan.issues.values.count { !$0.isOpen } * 10 > plan.issues.count * 6)
  }

  @Test func `the institutions of the kind that leads most are reshaped in the last year`() {
    let reshaped = lived.filter { $0.envelope.type.hasPrefix("org.federwerk.institution.succeeded") }
    #expect(reshaped.allSatisfy { $0.envelope.effectiveDate.components.year == 2021 })
    for party in plan.parties.values where party.dissolution != nil {
      let held = plan.measures.values.flatMap(\.assignments).filter { $0.holder == party.id && $0.holds(on: end) }
      #expect(held.isEmpty, "\(party.slug) still holds something")
    }
  }
}
