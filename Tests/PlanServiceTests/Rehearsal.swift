import Coordination
import EventSourcing
import Logging
import PlanService
import Synchronization
import Testing

/// A clock that stands still until a test moves it.
final class TestTime: Sendable {
  private let microseconds = Mutex<Int64>(1_551_441_600_000_000)

  var now: Timestamp { Timestamp(microsecondsSinceEpoch: microseconds.withLock { $0 }) }

  func advance(seconds: Int64) { microseconds.withLock { $0 += seconds * 1_000_000 } }

  func advance(days: Int64) { advance(seconds: days * 86_400) }
}

/// A place where callers wait until a test lets them pass.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var arrivals = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
    var watchers: [(count: Int, resume: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  /// Announces an arrival and waits until the gate is open.
  func pass() async {
    arrive()
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }

  /// Announces an arrival without waiting.
  func arrive() {
    let ready = state.withLock { state in
      state.arrivals += 1
      let ready = state.watchers.filter { $0.count <= state.arrivals }
      state.watchers.removeAll { $0.count <= state.arrivals }
      return ready.map(\.resume)
    }
    for watcher in ready { watcher.resume() }
  }

  /// Waits until so many have arrived.
  func arrived(_ count: Int = 1) async {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        if state.arrivals < count { state.watchers.append((count, continuation)) }
        return state.arrivals >= count
      }
      if isReady { continuation.resume() }
    }
  }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}

/// An event log around another that counts, interrupts and tampers as a test directs it.
final class StagedLog: EventLog {
  struct Stage: Sendable {
    var appends: [AppendBatch] = []
    var isDown = false
    var beforeAppend: (@Sendable (AppendBatch) async -> Void)?
    var headRead: (@Sendable (LogHead?) -> LogHead?)?
    var eventsRead: (@Sendable ([StoredEvent]) -> [StoredEvent])?
    var storeClock: (@Sendable () -> Timestamp)?
    var answerRead: (@Sendable ([UInt8]) -> [UInt8])?
    var disclosuresRead: (@Sendable ([StoredDisclosure]) -> [StoredDisclosure])?
    /// Growth hints of others do not arrive.
    var isDeaf = false
    /// How many writers are subscribed to hints: one for each plan in memory.
    var subscriptions = 0
  }

  let memory: InMemoryEventLog
  private let stage = Mutex(Stage())

  init(_ memory: InMemoryEventLog) { self.memory = memory }

  var tiles: any TileStore { memory.tiles }

  var appends: [AppendBatch] { stage.withLock { $0.appends } }

  var subscriptions: Int { stage.withLock { $0.subscriptions } }

  func set(_ change: (inout Stage) -> Void) { stage.withLock { change(&$0) } }

  private func reach() throws(EventLogFailure) {
    if stage.withLock({ $0.isDown }) { throw EventLogFailure(.unavailable, "the store is down") }
  }

  func head(of log: LogID) async throws(EventLogFailure) -> LogHead? {
    try reach()
    let head = try await memory.head(of: log)
    return stage.withLock { $0.headRead }.map { $0(head) } ?? head
  }

  func append(_ batch: AppendBatch) async throws(EventLogFailure) -> AppendOutcome {
    let before = stage.withLock { stage in
      stage.appends.append(batch)
      return stage.beforeAppend
    }
    await before?(batch)
    try reach()
    return try await memory.append(batch)
  }

  func receipts(of plan: EntityID, for keys: [ReceiptKey]) async throws(EventLogFailure) -> [Receipt] {
    try reach()
    return try await memory.receipts(of: plan, for: keys)
  }

  func withReceiptAnswers<Result: Sendable>(
    of plan: EntityID, _ body: (@escaping () async throws -> [UInt8]?) async throws -> Result
  ) async throws -> Result {
    try reach()
    let read = stage.withLock { $0.answerRead } ?? { $0 }
    return try await memory.withReceiptAnswers(of: plan) { next in try await body { try await next().map(read) } }
  }

  func events(of log: LogID, matching query: EventQuery) async throws(EventLogFailure) -> [StoredEvent] {
    try reach()
    let events = try await memory.events(of: log, matching: query)
    return stage.withLock { $0.eventsRead }.map { $0(events) } ?? events
  }

  func lendEntries(
    of log: LogID, from start: Position, limit: Int, _ body: (Position, UnsafeRawBufferPointer) -> Void
  ) async throws(EventLogFailure) -> Int {
    // What a test makes of the events that are read, it makes of their bytes, too.
    let events = try await events(of: log, matching: EventQuery(from: start, limit: limit))
    for event in events { event.body.withUnsafeBytes { body(event.position, $0) } }
    return events.count
  }

  func disclosures(of log: LogID, at positions: [Position]) async throws(EventLogFailure) -> [StoredDisclosure] {
    try reach()
    let disclosures = try await memory.disclosures(of: log, at: positions)
    return stage.withLock { $0.disclosuresRead }.map { $0(disclosures) } ?? disclosures
  }

  func logs(of plan: EntityID) async throws(EventLogFailure) -> [LogID] {
    try reach()
    return try await memory.logs(of: plan)
  }

  func plans(after slug: String?, limit: Int) async throws(EventLogFailure) -> [PlanEntry] {
    try reach()
    return try await memory.plans(after: slug, limit: limit)
  }

  func plan(withSlug slug: String) async throws(EventLogFailure) -> EntityID? {
    try reach()
    return try await memory.plan(withSlug: slug)
  }

  func storeTime() async throws(EventLogFailure) -> Timestamp {
    try reach()
    if let clock = stage.withLock({ $0.storeClock }) { return clock() }
    return try await memory.storeTime()
  }

  func publish(_ checkpoint: StoredCheckpoint, of log: LogID) async throws(EventLogFailure) -> Bool {
    try reach()
    return try await memory.publish(checkpoint, of: log)
  }

  func checkpoints(
    of log: LogID, after size: LogSize, limit: Int
  ) async throws(EventLogFailure) -> [StoredCheckpoint] {
    try await memory.checkpoints(of: log, after: size, limit: limit)
  }

  func checkpoint(of log: LogID, sizeMax: LogSize?) async throws(EventLogFailure) -> StoredCheckpoint? {
    try reach()
    return try await memory.checkpoint(of: log, sizeMax: sizeMax)
  }

  func withGrowthHints<Result: Sendable>(
    of log: LogID, _ body: @Sendable (AsyncStream<LogSize?>) async throws -> Result
  ) async throws -> Result {
    stage.withLock { $0.subscriptions += 1 }
    defer { stage.withLock { $0.subscriptions -= 1 } }
    guard stage.withLock({ $0.isDeaf }) else { return try await memory.withGrowthHints(of: log, body) }
    let (silence, continuation) = AsyncStream.makeStream(of: LogSize?.self)
    defer { continuation.finish() }
    return try await body(silence)
  }
}

/// One log, one clock, and any number of services on them.
struct Rehearsal: Sendable {
  let time = TestTime()
  let memory: InMemoryEventLog
  let store: StagedLog
  let highWater = HighWater(folder: nil)
  let plan = id(0)

  init() {
    let time = time
    memory = InMemoryEventLog(clock: { time.now })
    store = StagedLog(memory)
  }

  var log: LogID { LogID(plan: plan) }

  /// Runs a service while `body` works with it.
  /// - Parameter store: another stage on the same log; each server looks at the log through its own.
  func withService<R: Sendable>(
    on store: StagedLog? = nil, highWater: HighWater? = nil, localTime: (@Sendable () -> Timestamp)? = nil,
    _ configure: (inout PlanServiceConfiguration) -> Void = { _ in },
    _ body: @Sendable (PlanService) async throws -> R
  ) async throws -> R {
    var configuration = PlanServiceConfiguration()
    configuration.storeRetryPause = .milliseconds(1)
    // No test fails because the machine was busy.
    configuration.visibilityTimeout = .seconds(60)
    configure(&configuration)
    let time = time
    let service = PlanService(
      store: store ?? self.store, commandHash: CommandHash(secret: [UInt8](repeating: 7, count: 32)),
      highWater: highWater ?? self.highWater, originPrefix: "plans.test", configuration: configuration,
      localTime: localTime ?? { time.now }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      defer { group.cancelAll() }
      return try await body(service)
    }
  }

  /// Creates a plan with what the tests need: a version, a cluster with a measure, and four institutions.
  func begin(_ service: PlanService, plan: EntityID? = nil, slug: String = "industriestadt") async throws {
    let created = await service.create(
      try request("create-plan", ["slug": .string(slug), "title": "Industriestadt"], key: "begin-\(slug)"),
      plan: plan ?? self.plan)
    _ = try #require(created.bytes)
    let setup = try list(Self.setup, key: "setup-\(slug)")
    _ = try #require(await service.submit(setup, to: plan ?? self.plan).bytes)
  }

  /// Begins a plan and carries out a story.
  /// - Parameter stepsPerDay: how many of its commands are sent on one day, before the next begins.
  func tell(_ story: [(String, JSON)], stepsPerDay: Int = 1) async throws {
    try await withService { service in
      try await begin(service)
      for (index, (command, json)) in story.enumerated() {
        if index % stepsPerDay == 0 { time.advance(days: 1) }
        let answer = await service.submit(try request(command, json, key: "story-\(index)"), to: plan)
        _ = try #require(answer.bytes, "\(answer)")
      }
    }
  }

  /// The events of the log, as stored.
  func events() async throws -> [StoredEvent] { try await memory.events(of: log, matching: EventQuery()) }

  private static let setup: [(String, JSON)] =
    [
      (
        "register-plan-version",
        [
          "slug": "a", "title": "A", "from": "2018-05-01", "until": "2021-12-31",
          "ladder": [["slug": "lead", "title": "L"], ["slug": "skip", "title": "S"]],
        ]
      ),
      ("add-action-field", ["number": 1, "slug": "innovation", "title": "Innovation"]),
      ("add-theme-cluster", ["actionField": "innovation", "slug": "netz", "title": "Netz"]),
      ("add-task-field", ["cluster": "netz", "number": 1, "title": "Ausbau"]),
      ("add-measure", ["cluster": "netz", "taskField": 1, "numeral": "I", "title": "Kabel"]),
      ("register-document", ["key": "S2", "title": "Masterplan"]),
    ]
    + ["senweb", "ihk", "hwk", "tu"].map {
      ("register-institution", ["slug": .string($0), "name": .string($0), "kind": "body"])
    }
}

extension StoredEvent {
  var prepared: PreparedEvent { body.withUnsafeBytes { PreparedEvent(position, $0) } }
}

func id(_ number: UInt64) -> EntityID { EntityID(high: 0x7000, low: 0x8000_0000_0000_0000 | number) }

extension PlanActor {
  static let office = PlanActor(id: .user(EntityID(high: 1, low: 1)), role: .coordinator, institution: "senweb")
  static let auditor = PlanActor(id: .user(EntityID(high: 1, low: 2)), role: .auditor)
}

/// A command, written as the JSON that callers send.
func requested(_ command: String, _ json: JSON) throws -> RequestedCommand {
  let kind = try #require(CommandCatalogue.byName[command])
  func read<Kind: PlanCommand>(_ kind: Kind.Type) throws -> any PlanCommand { try kind.record.read(json) }
  return RequestedCommand(try read(kind))
}

func request(
  _ command: String, _ json: JSON, key: String, as actor: PlanActor = .office, ifMatch: Int64? = nil,
  isDryRun: Bool = false
) throws -> CommandRequest {
  CommandRequest(
    actor: actor, key: key, commands: [try requested(command, json)], canonicalBody: json.canonicalBytes,
    ifMatch: ifMatch.map { Position($0) }, isDryRun: isDryRun)
}

func list(
  _ commands: [(String, JSON)], key: String, as actor: PlanActor = .office, ifMatch: Int64? = nil,
  isDryRun: Bool = false
) throws -> CommandRequest {
  CommandRequest(
    actor: actor, key: key, commands: try commands.map { try requested($0.0, $0.1) }, isList: true,
    canonicalBody: JSON.array(commands.map { [.string($0.0), $0.1] }).canonicalBytes,
    ifMatch: ifMatch.map { Position($0) }, isDryRun: isDryRun)
}

/// An institution that nobody else registers.
func institution(_ number: Int, key: String? = nil) throws -> CommandRequest {
  try request(
    "register-institution", ["slug": .string("i-\(number)"), "name": .string("Institution \(number)"), "kind": "body"],
    key: key ?? "institution-\(number)")
}

extension CommandAnswer {
  /// The stored answer, nil for anything but a success.
  var bytes: [UInt8]? { if case .done(let bytes, _) = self { bytes } else { nil } }

  var json: JSON? {
    switch self {
    case .done(let bytes, _), .wouldDo(let bytes): try? JSONParser.parse(bytes)
    case .refused, .keyReused, .keyInFlight, .unavailable: nil
    }
  }

  var refusal: Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }

  var unavailability: Unavailability? { if case .unavailable(let reason) = self { reason } else { nil } }

  var isKeyReused: Bool { if case .keyReused = self { true } else { false } }

  var isKeyInFlight: Bool { if case .keyInFlight = self { true } else { false } }

  var isDryRun: Bool { if case .wouldDo = self { true } else { false } }

  /// The positions of the events it names.
  var positions: [Int64] { json?["events"]?.array?.compactMap { $0["position"]?.integer } ?? [] }
}
