internal import Coordination
internal import EventSourcing
internal import PlanImport
internal import PlanService
internal import Synchronization

/// Measures one plan's writer without HTTP: concurrent callers send progress reports as fast as they are answered.
///
/// For `make bench` only; it fills the plan with simulated reports. What it sends depends on the seed and on the size
/// of the log at its start, and the rules accept every report in any order: three of four are contributors' reports,
/// whose condition and percentage may go up and down, and the fourth is a lead's with a text.
public struct WriterBenchmark: Sendable {
  /// What was measured. Times are those of the caller, from sending a command to having its answer.
  public struct Result: Encodable, Sendable {
    public var commands = 0
    public var seconds = 0.0
    public var p50Milliseconds = 0.0
    public var p99Milliseconds = 0.0
    /// Events in the log afterwards.
    public var size: Int64 = 0
    /// Reading, checking and folding the log at the start; next to nothing when the plan was imported just now.
    public var loadSeconds = 0.0
    /// The import of the plan file and its dry run before, reading the file included; nil when the plan was there.
    public var dryRunSeconds: Double?
    public var importSeconds: Double?

    public init() {}

    enum CodingKeys: String, CodingKey {
      case commands, seconds, size
      case p50Milliseconds = "p50_ms"
      case p99Milliseconds = "p99_ms"
      case loadSeconds = "load_s"
      case dryRunSeconds = "dry_run_s"
      case importSeconds = "import_s"
    }
  }

  /// The most callers at once: as many as may wait for one plan.
  public static let callersMax = PlanServiceConfiguration().queueCountMax

  public var planFile: String
  public var callers: Int
  public var duration: Duration
  /// Sends until the log has this many events instead of for a time.
  public var size: Int64?
  public var seed: UInt64

  public init(planFile: String, callers: Int, duration: Duration, size: Int64?, seed: UInt64) {
    self.planFile = planFile
    self.callers = callers
    self.duration = duration
    self.size = size
    self.seed = seed
  }

  public func run(on federwerk: Federwerk) async throws -> Result {
    try await federwerk.requireSafeDatabase(unsafe: false)
    var result = Result()
    let plan = try await importIfMissing(federwerk, &result)
    let begin = ContinuousClock.now
    let snapshot = try await federwerk.service.snapshot(of: plan)
    result.loadSeconds = Self.seconds(ContinuousClock.now - begin)
    let reports = try SimulatedReports(of: snapshot.plan, seed: seed)
    let size = snapshot.plan.size.value
    let load = WriterLoad(
      service: federwerk.service, plan: plan, reports: reports, keys: seed &+ UInt64(size), sizeMax: self.size)
    // Connects and prepares the statement; not counted.
    if duration > .zero || self.size != nil { _ = await load.send(as: callers, until: .now) }
    try await measure(load, &result)
    result.size = try await federwerk.service.snapshot(of: plan, positionMin: load.lastPosition).plan.size.value
    return result
  }

  /// Bodies of `report-progress`, the same kinds as the callers send, for a load over HTTP.
  public func reports(_ count: Int, from federwerk: Federwerk) async throws -> [String] {
    var result = Result()
    let plan = try await importIfMissing(federwerk, &result)
    let reports = try SimulatedReports(of: await federwerk.service.snapshot(of: plan).plan, seed: seed)
    return (0..<count).map { String(decoding: reports[$0].canonicalBody, as: UTF8.self) }
  }

  private func importIfMissing(_ federwerk: Federwerk, _ result: inout Result) async throws -> EntityID {
    let clock = ContinuousClock()
    var begin = clock.now
    var file = try Federwerk.planFile(at: planFile)
    let slug = PlanImporter.planSlug(of: file)
    if let known = try await federwerk.service.plan(slug) { return known }
    try Self.require(try await federwerk.importPlan(file, isDryRun: true).answer)
    result.dryRunSeconds = Self.seconds(clock.now - begin)
    begin = clock.now
    file = try Federwerk.planFile(at: planFile)
    try Self.require(try await federwerk.importPlan(file, isDryRun: false).answer)
    result.importSeconds = Self.seconds(clock.now - begin)
    guard let plan = try await federwerk.service.plan(slug) else { throw UnknownPlan(reference: slug) }
    return plan
  }

  private func measure(_ load: WriterLoad, _ result: inout Result) async throws {
    guard duration > .zero || size != nil else { return }
    let begin = ContinuousClock.now
    let end = begin + (size == nil ? duration : .seconds(3600))
    let outcomes = await withTaskGroup(of: WriterLoad.Outcome.self) { group in
      for caller in 0..<callers { group.addTask { await load.send(as: caller, until: end) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    result.seconds = Self.seconds(ContinuousClock.now - begin)
    if let complaint = outcomes.lazy.compactMap(\.complaint).first {
      throw ConfigurationProblem("a simulated report was not accepted: \(complaint)")
    }
    let microseconds = outcomes.flatMap(\.microseconds).sorted()
    result.commands = microseconds.count
    guard let longest = microseconds.last else { return }
    let quantile = { (share: Double) in Double(microseconds[Int(Double(microseconds.count - 1) * share)]) / 1000 }
    result.p50Milliseconds = quantile(0.5)
    result.p99Milliseconds = min(quantile(0.99), Double(longest) / 1000)
  }

  private static func require(_ answer: CommandAnswer?) throws {
    switch answer {
    case .done?, .wouldDo?: return
    case .refused(let refusal)?: throw refusal
    case .keyReused?, .keyInFlight?, nil: throw ConfigurationProblem("the plan file could not be imported")
    case .unavailable(let reason)?: throw reason
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}

/// The callers of one measurement.
private final class WriterLoad: Sendable {
  /// What one caller saw.
  struct Outcome: Sendable {
    var microseconds: [Int32] = []
    /// Why a command was not accepted; the caller stops there.
    var complaint: String?
  }

  private let service: PlanService
  private let plan: EntityID
  private let reports: SimulatedReports
  private let keys: UInt64
  private let sizeMax: Int64?
  private let position = Atomic<Int64>(0)

  init(service: PlanService, plan: EntityID, reports: SimulatedReports, keys: UInt64, sizeMax: Int64?) {
    self.service = service
    self.plan = plan
    self.reports = reports
    self.keys = keys
    self.sizeMax = sizeMax
  }

  var lastPosition: Position { Position(position.load(ordering: .relaxed)) }

  /// Sends one command after the other until the time is up or the log is long enough; at least one.
  func send(as caller: Int, until end: ContinuousClock.Instant) async -> Outcome {
    var identifiers = SplitMix64(state: keys ^ (UInt64(caller) << 32))
    let actor = PlanActor(
      id: .user(EntityID(high: UInt64(caller), low: 1)), role: .coordinator)
    var outcome = Outcome()
    var number = caller * 7
    repeat {
      let report = reports[number]
      number += 1
      // As random as the UUIDs that callers are told to use.
      let key = EntityID(high: identifiers.next(), low: identifiers.next()).description
      let request = CommandRequest(
        actor: actor, key: key, commands: [RequestedCommand(report)], canonicalBody: report.canonicalBody,
        recordedSource: .simulation)
      let begin = ContinuousClock.now
      let answer = await service.submit(request, to: plan)
      let took = (ContinuousClock.now - begin).components
      guard case .done(_, let last?) = answer else {
        outcome.complaint = "\(answer)"
        return outcome
      }
      outcome.microseconds.append(Int32(took.seconds * 1_000_000 + took.attoseconds / 1_000_000_000_000))
      position.max(last.value, ordering: .relaxed)
    } while ContinuousClock.now < end && position.load(ordering: .relaxed) + 1 < sizeMax ?? .max
    return outcome
  }
}

/// Reports that every state of the plan accepts, in any order.
private struct SimulatedReports: Sendable {
  private struct Place {
    let measure: MeasureReference
    let institution: PartyReference
  }

  /// Every fourth report is a lead's and has a text of so many characters.
  private static let textEvery = 4
  private static let textLength = 160
  private static let count = 4096

  private let reports: [ReportProgress]

  subscript(number: Int) -> ReportProgress { reports[number % reports.count] }

  init(of plan: Plan, seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    var leads: [Place] = []
    var contributors: [Place] = []
    let today = plan.lastRecordedAt.map { plan.today(at: $0) } ?? LocalDate(daysSinceEpoch: 0)
    // The percentage of a measure with parts is derived, that of an external one is not ours.
    for measure in plan.measures.values.sorted(by: { $0.code < $1.code })
    where measure.states.last != .external && measure.parts.isEmpty {
      let held = measure.assignments.filter { $0.counts(on: today) }
      let leaders = held.filter { $0.role == .lead }
      for assignment in held {
        guard let slug = plan.parties[assignment.holder]?.slug,
          let institution = try? PartyReference(slug, field: "institution"),
          let reference = try? MeasureReference(measure.code, field: "measure")
        else { continue }
        let place = Place(measure: reference, institution: institution)
        switch assignment.role {
        case .lead: leads.append(place)
        case .leadPartner, .contributor:
          // Whoever also acts for a lead would have to explain what it reports.
          guard !leaders.contains(where: { plan.covers($0.holder, assignment.holder, on: today) }) else { continue }
          contributors.append(place)
        case .consulted, .unclear: break
        }
      }
    }
    guard !leads.isEmpty, !contributors.isEmpty else {
      throw ConfigurationProblem("the plan \(plan.slug) has no measure with a lead and a contributor to report on")
    }
    let conditions = ["on-track", "at-risk", "off-track", "not-assessed"]
    reports = (0..<Self.count).compactMap { number in
      let isLead = number % Self.textEvery == 0
      guard let place = (isLead ? leads : contributors).randomElement(using: &random),
        let condition = conditions.randomElement(using: &random).flatMap({ try? Slug($0, field: "condition") })
      else { return nil }
      let words = "Bericht \(number): Termin mit allen Beteiligten gehalten, nächste Schritte vereinbart. "
      let text = String((words + words + words).prefix(Self.textLength))
      return ReportProgress(
        measure: place.measure, institution: place.institution, condition: condition,
        percent: Int.random(in: 0...100, using: &random), text: isLead ? try? FreeText(text, field: "text") : nil)
    }
  }
}
