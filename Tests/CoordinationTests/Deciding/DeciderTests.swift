import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct DeciderTests {
  private let spec = DeciderSpecification.masterplan()
  private static let report: JSON = ["measure": "fachkraefte.1.I", "institution": "tu", "condition": "on-track"]

  // MARK: - If-Match

  @Test func `a subject that changed after the position given is stale`() throws {
    var spec = spec
    spec.assign("lead", "tu", 60)
    let version = try #require(spec.plan.subjects[id(21).value]).version
    spec.when("report-progress", Self.report, unchangedSince: version)
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
    spec.given("report-progress", Self.report)
    spec.when("report-progress", Self.report, unchangedSince: version).isRefused(
      .stale, "subject-changed",
      facts: [
        "subject": .string("measures/\(id(21))"), "ifMatch": .integer(version.value),
        "version": .integer(version.value + 1),
      ])
  }

  @Test func `changes of other subjects make nothing stale`() throws {
    var spec = spec
    spec.assign("lead", "tu", 60)
    let version = try #require(spec.plan.subjects[id(21).value]).version
    spec.given("assign-lead", ["measure": "fachkraefte.1.II", "institution": "tu"])
    spec.when("report-progress", Self.report, unchangedSince: version)
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
  }

  @Test func `what is new has no version to be stale against`() {
    spec.when("set-goal", ["cluster": "fachkraefte", "letter": "b", "title": "T"], unchangedSince: Position(0))
      .isAccepted()
  }

  // MARK: - Effective date

  @Test func `nothing takes effect before its subject began`() {
    spec.when("assign-contributor", ["measure": "fachkraefte.1.I", "institution": "tu", "from": "2018-09-03"])
      .isRefused(
        .rule, "before-start", field: "from", facts: ["start": "2018-09-04"])
    spec.when("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"], on: day("2018-09-03")).isRefused(
      .rule, "before-start", field: "effectiveDate", facts: ["start": "2018-09-04"])
    spec.when("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"], on: day("2018-09-04"))
      .yields("plan.wording-revised.v2", on: "measures/\(id(21))")
  }

  @Test func `the effective date may lie in the future`() {
    spec.when("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"], on: day("2030-01-01"))
      .yields("plan.wording-revised.v2", on: "measures/\(id(21))")
  }

  // MARK: - Purity

  @Test func `deciding twice on the same plan gives the same events`() throws {
    for (command, json) in CommandSamples.accepted {
      let spec = CommandSamples.spec(for: command)
      let actor = CommandSamples.actor(for: command)
      let first = try spec.when(command, json, as: actor).result.get()
      let second = try spec.when(command, json, as: actor).result.get()
      #expect(first.map { $0.subject } == second.map { $0.subject }, "\(command)")
      #expect(first.map { $0.clearData().canonicalBytes } == second.map { $0.clearData().canonicalBytes }, "\(command)")
    }
  }

  @Test func `sending any command again is harmless or refused`() throws {
    for (command, json) in CommandSamples.accepted {
      var spec = CommandSamples.spec(for: command)
      let actor = CommandSamples.actor(for: command)
      spec.given(command, json, as: actor)
      let before = spec.plan
      // A second report or escalation is a new fact; everything else is known already.
      guard !CommandSamples.repeatable.contains(command) else { continue }
      switch spec.when(command, json, as: actor).result {
      case .success(let events): #expect(events.isEmpty, "\(command) happened twice")
      case .failure(let refusal):
        #expect(refusal.kind == .conflict || refusal.kind == .rule, "\(command): \(refusal.code)")
      }
      #expect(spec.plan.size == before.size)
    }
  }

  @Test func `every event of a command is among the facts it declares`() throws {
    for (command, json) in CommandSamples.accepted {
      let kind = try #require(CommandCatalogue.byName[command])
      let events = try CommandSamples.spec(for: command).when(command, json, as: CommandSamples.actor(for: command))
        .result.get()
      #expect(!events.isEmpty, "\(command)")
      for event in events {
        #expect(kind.facts.contains { $0.type == type(of: event.fact).type }, "\(command)")
      }
    }
  }
}
