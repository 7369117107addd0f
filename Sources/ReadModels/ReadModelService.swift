public import Coordination
public import EventLogPostgres
public import EventSourcing
public import Logging
internal import Postgres
internal import Projections
internal import Synchronization

/// Keeps the read models of every plan as new as its log.
///
/// Rows and their checkpoint are written in one transaction, so a server killed at any instant goes on where the rows
/// end. Several servers may run this on one database: whoever comes second finds the checkpoint moved and goes on from
/// there. While commands pour in the rows wait, because accepting a command comes first. Rows in the form of an older
/// program are replaced; those of a newer one are served as it writes them.
public final class ReadModelService: Sendable {
  /// How long growth must pause before rows are written that nobody waits for, and how long that is put off at most.
  public static let quietPause: Duration = .milliseconds(250)
  public static let delayMax: Duration = .seconds(5)
  /// How often the store is asked for plans that are new.
  public static let planPollInterval: Duration = .seconds(1)
  static let pageSize = 1_000
  /// How many plans are read as a whole at a time, into memory or into new rows: fewer than the connections for rows,
  /// so that the others still find one. Each plan waits at most once.
  static let loadsMax = 2

  /// What is known of a plan: it is followed, or somebody waits for that.
  private struct Followed {
    var work: AsyncStream<Void>.Continuation?
    /// Whether a newer program writes its rows.
    var isLeftToNewer = false
    var size = LogSize.zero
    var waiters: [Int: (size: LogSize, resume: CheckedContinuation<Void, Never>)] = [:]
    var waiterCount = 0
  }

  public let log: PostgresEventLog
  private let currentPlan: @Sendable (EntityID) -> Plan?
  private let logger: Logger
  private let followed = Mutex<[EntityID: Followed]>([:])
  private let loads = Turns(countMax: ReadModelService.loadsMax, waitingMax: .max)

  /// - Parameter currentPlan: the plan as this server has it in memory, to share it where it is as new as the rows.
  public init(
    log: PostgresEventLog, currentPlan: @escaping @Sendable (EntityID) -> Plan?, logger: Logger
  ) {
    self.log = log
    self.currentPlan = currentPlan
    self.logger = logger
  }

  /// Follows all plans until it is cancelled.
  public func run() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        for plan in await newPlans() { group.addTask { await self.follow(plan) } }
        // Cancellation ends the pause early.
        try? await Task.sleep(for: Self.planPollInterval)
      }
    }
  }

  /// Waits until the rows hold a size of the log.
  /// - Returns: false when that takes longer than `timeout`, or the task is cancelled.
  public func wait(for size: LogSize, of plan: EntityID, timeout: Duration) async -> Bool {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait(for: size, of: plan) }
      // Cancelled as soon as the rows are there.
      group.addTask { try? await Task.sleep(for: timeout) }
      await group.next()
      group.cancelAll()
    }
    return self.size(of: plan) >= size
  }

  private func wait(for size: LogSize, of plan: EntityID) async {
    let number = followed.withLock { followed in
      followed[plan, default: Followed()].waiterCount += 1
      return followed[plan]?.waiterCount ?? 0
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = followed.withLock { followed in
          guard let known = followed[plan], known.size < size, !Task.isCancelled else { return true }
          followed[plan]?.waiters[number] = (size, continuation)
          known.work?.yield()
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      followed.withLock { $0[plan]?.waiters.removeValue(forKey: number)?.resume }?.resume()
    }
  }

  /// How far the rows of a plan are on this server.
  public func size(of plan: EntityID) -> LogSize { followed.withLock { $0[plan]?.size ?? .zero } }

  private func newPlans() async -> [EntityID] {
    var found: [EntityID] = []
    var last: String?
    do throws(EventLogFailure) {
      while true {
        let page = try await log.plans(after: last, limit: 500)
        found += page.map(\.plan)
        guard page.count == 500 else { break }
        last = page.last?.slug
      }
    } catch {
      logger.debug("plans not listed", metadata: ["reason": "\(error)"])
    }
    return found.filter { plan in followed.withLock { $0[plan]?.work == nil } }
  }

  // MARK: One plan

  private func follow(_ plan: EntityID) async {
    let (work, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    followed.withLock { $0[plan, default: Followed()].work = signal }
    signal.yield()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.watchGrowth(of: plan, signal) }
      group.addTask { await self.work(on: plan, work) }
      await group.waitForAll()
    }
  }

  /// Signals work once growth pauses.
  private func watchGrowth(of plan: EntityID, _ signal: AsyncStream<Void>.Continuation) async {
    while !Task.isCancelled {
      do {
        try await log.withGrowthHints(of: LogID(plan: plan)) { hints in
          for await _ in hints {
            await self.waitForQuiet(plan)
            signal.yield()
          }
        }
      } catch {
        logger.debug("growth hints interrupted", metadata: ["reason": "\(error)"])
        try? await Task.sleep(for: Self.planPollInterval)
      }
    }
    signal.finish()
  }

  private func waitForQuiet(_ plan: EntityID) async {
    let deadline = ContinuousClock.now + Self.delayMax
    var size = currentPlan(plan)?.size
    while ContinuousClock.now < deadline, !Task.isCancelled {
      try? await Task.sleep(for: Self.quietPause)
      let now = currentPlan(plan)?.size
      // Whoever lacks the plan would have to read all of it: a server that has it writes the rows first.
      if let now, now == size { return }
      size = now
    }
  }

  private func work(on plan: EntityID, _ work: AsyncStream<Void>) async {
    var fold: ReadModelFold?
    for await _ in work {
      do {
        try await catchUp(plan, &fold)
      } catch {
        // The rows stay as they are, which is right for the position they name; the next hint tries again.
        logger.warning("read models wait", metadata: ["plan": "\(plan)", "reason": "\(error)"])
        fold = nil
      }
    }
  }

  private func catchUp(_ plan: EntityID, _ fold: inout ReadModelFold?) async throws {
    let generations = Generations(log: log, plan: plan)
    guard let current = try await generations.current(), !current.isOutdated else {
      // The first start with this plan, or with this form of the rows: written beside, then served.
      fold = nil
      try await loads.withTurn { try await generations.rebuildWhereNeeded() }
      return try await catchUp(plan, &fold)
    }
    let size = LogSize(current.size)
    guard current.foldVersion == Generation.foldVersion else {
      fold = nil
      return leaveToNewer(plan, at: size)
    }
    let level: ReadModelFold
    if let ready = known(plan, fold, at: size) {
      level = try await advance(ready, current)
    } else if try await log.head(of: LogID(plan: plan))?.size == size {
      // Nothing is to be written, so nothing has to be known of the plan.
      fold = nil
      return reached(size, of: plan)
    } else {
      level = try await loads.withTurn { try await advance(load(plan, at: size), current) }
    }
    // One plan in memory is enough: the server's own is the same when it is as new. What the server itself does not
    // keep in memory is not kept here.
    fold = currentPlan(plan).map { $0.size == level.plan.size ? ReadModelFold($0) : level }
    reached(level.plan.size, of: plan)
  }

  /// Writes what the log has beyond a fold.
  /// - Returns: the fold of the whole log.
  private func advance(_ fold: ReadModelFold, _ generation: Generation) async throws -> ReadModelFold {
    var working = fold
    while true {
      let before = working.plan.size
      var page: [PreparedEvent] = []
      let count = try await log.lendEntries(
        of: LogID(plan: working.plan.id), from: before.nextPosition, limit: Self.pageSize
      ) { page.append(PreparedEvent($0, $1)) }
      guard count > 0 else { return working }
      for event in page { try working.apply(event) }
      working = try await write(working, from: before, generation)
    }
  }

  /// The fold at the size that the rows have, if the last one or the server's own is that.
  private func known(_ plan: EntityID, _ last: ReadModelFold?, at size: LogSize) -> ReadModelFold? {
    if let last, last.plan.size == size { return last }
    return currentPlan(plan).flatMap { $0.size == size ? ReadModelFold($0) : nil }
  }

  /// Reads the fold at the size that the rows have from the log.
  private func load(_ plan: EntityID, at size: LogSize) async throws -> ReadModelFold {
    var fold = ReadModelFold(Plan(id: plan))
    try await log.forEachPage(
      of: LogID(plan: plan), from: Position(0), through: size.lastPosition, pageSize: Self.pageSize,
      reading: PreparedEvent.init, failing: { $0 as any Error }
    ) { page in
      for event in page { try fold.skip(event) }
      return true
    }
    guard fold.plan.size == size else { throw ReadModelFailure.overtaken }
    return fold
  }

  private func write(
    _ fold: ReadModelFold, from before: LogSize, _ generation: Generation
  ) async throws -> ReadModelFold {
    try await log.projectionPool.withTransaction { connection in
      let moved = try await connection.query(
        """
        UPDATE projection.generations SET size = $4, updated_at = clock_timestamp(), simulated = $5
        WHERE plan_id = $1 AND generation = $2 AND size = $3 AND is_current RETURNING size
        """,
        [fold.plan.id, Int32(generation.number), before.value, fold.plan.size.value, fold.plan.isSimulated])
      guard moved.first != nil else { throw ReadModelFailure.overtaken }
      var written = fold
      try await written.write(generation: generation.number, isFresh: false, on: connection)
      return written
    }
  }

  /// Serves rows in a form that this build does not know as far as the program that does has written them: two programs
  /// that each replaced the rows of the other would never end.
  private func leaveToNewer(_ plan: EntityID, at size: LogSize) {
    let isNews = followed.withLock { followed in
      defer { followed[plan]?.isLeftToNewer = true }
      return followed[plan]?.isLeftToNewer == false
    }
    if isNews {
      logger.warning(
        "a newer program writes the read models; to write them with this one, run: federwerk projections rebuild",
        metadata: ["plan": "\(plan)"])
    }
    reached(size, of: plan)
  }

  private func reached(_ size: LogSize, of plan: EntityID) {
    let ready = followed.withLock { followed in
      followed[plan]?.size = size
      let ready = followed[plan]?.waiters.filter { $0.value.size <= size } ?? [:]
      for key in ready.keys { followed[plan]?.waiters[key] = nil }
      return ready.values.map(\.resume)
    }
    for waiter in ready { waiter.resume() }
  }
}
