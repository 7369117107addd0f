public import Coordination
internal import Crypto
public import EventSourcing
public import Logging
public import ServiceLifecycle
internal import Synchronization
internal import TamperEvidence

/// The plans of one store: their writers, what readers see of them, and their past.
public final class PlanService: Service {
  /// An object, so that a use is noted without looking for it twice; the state's lock guards it.
  private final class Resident {
    let writer: PlanWriter
    var lastUse: UInt64

    init(writer: PlanWriter, lastUse: UInt64) {
      self.writer = writer
      self.lastUse = lastUse
    }
  }

  private struct State {
    var residents: [EntityID: Resident] = [:]
    var uses: UInt64 = 0
    /// Plans by the slugs and ids that they were asked for.
    var plans: [String: EntityID] = [:]
    var isClosed = false

    /// Removes the least recently used idle plans when there are too many. Those with feeds for partner systems stay
    /// and do not count: what is written, signed and delivered there goes on although nobody asks for the plan.
    mutating func evictIfOver(_ countMax: Int, keeping plan: EntityID) -> [PlanWriter] {
      guard residents.count > countMax else { return [] }
      let removable = residents.filter { $0.value.writer.published.snapshot?.plan.feeds.isEmpty ?? true }
      guard removable.count > countMax else { return [] }
      let idle = removable.filter { $0.key != plan && $0.value.writer.queue.isIdle }
      let oldest = idle.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(removable.count - countMax)
      for resident in oldest { residents[resident.key] = nil }
      return oldest.map(\.value.writer)
    }
  }

  public let store: any EventLog
  public let configuration: PlanServiceConfiguration
  private let commandHash: CommandHash
  private let clock: StoreClock
  let highWater: HighWater
  let knownViews: KnownViews
  let pastPlans: PastPlans
  private let originPrefix: String
  private let logger: Logger
  private let state = Mutex(State())
  private let starts: AsyncStream<PlanWriter>
  private let startWriter: AsyncStream<PlanWriter>.Continuation

  /// - Parameters:
  ///   - originPrefix: first part of every log's C2SP origin, such as `plans.example.org`.
  ///   - localTime: this server's own clock.
  public init(
    store: any EventLog, commandHash: CommandHash, highWater: HighWater, originPrefix: String,
    configuration: PlanServiceConfiguration = PlanServiceConfiguration(),
    localTime: @escaping @Sendable () -> Timestamp, logger: Logger
  ) {
    self.store = store
    self.commandHash = commandHash
    self.highWater = highWater
    self.originPrefix = originPrefix
    self.configuration = configuration
    knownViews = KnownViews(countMax: configuration.knownViewsMax)
    pastPlans = PastPlans(
      momentsMax: configuration.pastMomentsMax,
      seriesMax: configuration.residentPlansMax + configuration.knownViewsMax,
      distance: configuration.pastMomentDistance)
    self.logger = logger
    clock = StoreClock(localTime: localTime, skewMax: configuration.clockSkewMax)
    (starts, startWriter) = AsyncStream.makeStream(of: PlanWriter.self)
  }

  /// Runs the writers. Commands and reads wait until this runs.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        for await writer in self.starts {
          group.addTask { await writer.run() }
        }
        group.cancelAll()
      }
    }
    let residents = state.withLock { state in
      state.isClosed = true
      defer { state.residents = [:] }
      return Array(state.residents.values)
    }
    for resident in residents { resident.writer.queue.close() }
  }

  // MARK: Commands

  /// Carries out a request: returns once its events are durable, or with the reason why there are none.
  public func submit(_ request: CommandRequest, to plan: EntityID) async -> CommandAnswer {
    let deadline = ContinuousClock.now + configuration.commandTimeout
    let hash = commandHash.hash(request)
    while true {
      let writer = resident(plan)
      let answer = await withCheckedContinuation { continuation in
        writer.queue.put(
          PendingCommand(request: request, commandHash: hash, deadline: deadline, caller: continuation))
      }
      // A plan that had to make room between the two lines above is simply taken into memory again.
      if case .unavailable(.shuttingDown) = answer, isEvicted(writer, of: plan) { continue }
      return answer
    }
  }

  /// Creates a plan: its first request begins with `CreatePlan`.
  ///
  /// A repetition finds the plan by its slug and gets the first answer.
  public func create(_ request: CommandRequest, plan: EntityID) async -> CommandAnswer {
    guard let slug = request.creation?.slug else { preconditionFailure("a plan begins with create-plan") }
    if let known = await created(slug, request) { return known }
    let answer = await submit(request, to: plan)
    forgetIfEmpty(plan)
    // The slug may have been taken just now by the same request, sent twice.
    if case .refused(let refusal) = answer, refusal == .slugTaken(slug) {
      return await created(slug, request) ?? answer
    }
    return answer
  }

  /// What a request to create an existing plan gets; nil when there is no such plan.
  private func created(_ slug: String, _ request: CommandRequest) async -> CommandAnswer? {
    do throws(EventLogFailure) {
      guard let known = try await store.plan(withSlug: slug) else { return nil }
      guard let receipt = try await store.receipts(of: known, for: [request.receiptKey]).first else {
        return .refused(.slugTaken(slug))
      }
      return PlanWriter.answer(hashed: commandHash.hash(request), from: receipt)
    } catch {
      return .unavailable(.storeUnavailable)
    }
  }

  // MARK: Reading

  /// The plan as this server shows it, at least as new as `positionMin`.
  public func snapshot(of plan: EntityID, positionMin: Position? = nil) async throws(Unavailability) -> PlanSnapshot {
    let writer = resident(plan)
    let size = positionMin?.sizeIncluding ?? .zero
    if let snapshot = writer.published.snapshot, snapshot.plan.size >= size { return snapshot }
    if writer.published.snapshot != nil { writer.queue.hintGrowth() }
    let isThere = await waits(for: size, writer)
    if let snapshot = writer.published.snapshot, snapshot.plan.size >= size { return snapshot }
    throw writer.published.trouble ?? (isThere ? .storeUnavailable : .notYetVisible)
  }

  private func waits(for size: LogSize, _ writer: PlanWriter) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await writer.published.wait(for: size)
        return true
      }
      group.addTask {
        // Cancelled as soon as the snapshot is there.
        try? await Task.sleep(for: self.configuration.visibilityTimeout)
        return false
      }
      let first = await group.next() ?? false
      group.cancelAll()
      return first
    }
  }

  /// The plan as it is in this server's memory; nil when nobody has asked for it lately.
  public func planInMemory(_ plan: EntityID) -> Plan? { residentNow(plan)?.published.snapshot?.plan }

  /// The writer of a plan in memory. What it has published is read outside of the lock that every command takes.
  private func residentNow(_ plan: EntityID) -> PlanWriter? { state.withLock { $0.residents[plan]?.writer } }

  /// The plans in this server's memory, as they are now, but for those whose log has lost what it said last.
  public var plansInMemory: [Plan] {
    state.withLock { state in
      state.residents.values.filter { $0.writer.published.trouble?.isRegression != true }
        .compactMap { $0.writer.published.snapshot?.plan }
    }
  }

  /// The trouble of a plan whose log ends before what was published of it, or is another one; nil of any other.
  public func regression(of plan: EntityID) -> Unavailability? {
    trouble(of: plan).flatMap { $0.isRegression ? $0 : nil }
  }

  /// The plans in this server's memory that have feeds for partner systems.
  var plansWithFeeds: [EntityID] {
    plansInMemory.filter { !$0.feeds.isEmpty }.map(\.id)
  }

  /// Why the plan cannot be written here, nil when it can.
  public func trouble(of plan: EntityID) -> Unavailability? { residentNow(plan)?.published.trouble }

  /// The trouble of all plans in memory.
  public var troubles: [EntityID: Unavailability] {
    state.withLock { $0.residents.compactMapValues(\.writer.published.trouble) }
  }

  /// The store's clock as estimated here; asks the store when it was never reached before.
  public func now() async throws(Unavailability) -> Timestamp {
    if let estimate = clock.estimate { return estimate }
    do throws(EventLogFailure) {
      let storeTime = try await store.storeTime()
      clock.observe(storeTime)
      return storeTime
    } catch {
      throw .storeUnavailable
    }
  }

  /// The id of the plan that a caller creates under a key: the same key again leads to the same plan, and there to its
  /// receipt, so that it never makes a second one.
  public func planID(createdUnder key: ReceiptKey) -> EntityID {
    EntityID(
      digest: Array(SHA256.hash(data: Array("federwerk plan".utf8) + key.digest.bytes)).prefix(16), version: 8)
  }

  /// A fresh id for a plan that is to be created.
  public func newPlanID() async throws(Unavailability) -> EntityID {
    EntityID(
      millisecondsSinceEpoch: try await now().microsecondsSinceEpoch / 1000, randomHigh: .random(in: .min ... .max),
      randomLow: .random(in: .min ... .max))
  }

  /// The plan with this slug or id. What is found once stays so: plans and their slugs are never removed.
  public func plan(_ reference: String) async throws(Unavailability) -> EntityID? {
    if let known = state.withLock({ $0.plans[reference] }) { return known }
    do throws(EventLogFailure) {
      guard let plan = try await storedPlan(reference) else { return nil }
      state.withLock { state in
        if state.plans.count >= configuration.knownPlansMax { state.plans = [:] }
        state.plans[reference] = plan
      }
      return plan
    } catch {
      throw .storeUnavailable
    }
  }

  private func storedPlan(_ reference: String) async throws(EventLogFailure) -> EntityID? {
    if let id = try await store.plan(withSlug: reference) { return id }
    guard let id = EntityID(reference) else { return nil }
    return try await store.head(of: LogID(plan: id)) == nil ? nil : id
  }

  public func origin(of log: LogID, epoch: Int) -> String { "\(originPrefix)/\(log.plan)/\(log.name)/\(epoch)" }

  // MARK: Residents

  /// Gives the place of a plan back that was not created after all.
  private func forgetIfEmpty(_ plan: EntityID) {
    let writer = state.withLock { state -> PlanWriter? in
      guard let writer = state.residents[plan]?.writer, writer.queue.isIdle,
        writer.published.snapshot?.plan.size == .zero
      else { return nil }
      state.residents[plan] = nil
      return writer
    }
    writer?.queue.close()
  }

  private func isEvicted(_ writer: PlanWriter, of plan: EntityID) -> Bool {
    state.withLock { state in !state.isClosed && state.residents[plan]?.writer !== writer }
  }

  private func resident(_ plan: EntityID) -> PlanWriter {
    let (writer, isNew, evicted) = state.withLock { state -> (PlanWriter, Bool, [PlanWriter]) in
      state.uses += 1
      if let resident = state.residents[plan] {
        resident.lastUse = state.uses
        return (resident.writer, false, [])
      }
      let prefix = originPrefix
      let writer = PlanWriter(
        log: LogID(plan: plan), store: store, clock: clock, highWater: highWater, pastPlans: pastPlans,
        origin: { "\(prefix)/\($0.plan)/\($0.name)/\($1)" }, configuration: configuration, logger: logger)
      guard !state.isClosed else { return (writer, false, [writer]) }
      state.residents[plan] = Resident(writer: writer, lastUse: state.uses)
      return (writer, true, state.evictIfOver(configuration.residentPlansMax, keeping: plan))
    }
    for writer in evicted {
      writer.queue.close()
      pastPlans.forget(writer.log.plan)
    }
    if isNew { startWriter.yield(writer) }
    return writer
  }
}
