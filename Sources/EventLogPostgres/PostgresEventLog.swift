public import EventSourcing
public import Logging
public import Postgres
internal import Synchronization

/// The event log in PostgreSQL: schema `ledger`, reached with the rights of `federwerk_app`.
///
/// Appends are one call of `ledger.append_events` each (`ledger.append_erasing_events` where they erase) and count as
/// committed only once the server is ready for the next query without an error. Growth hints come from this server's
/// own appends, from notifications and from polling.
public final class PostgresEventLog: EventLog {
  /// How often watchers are woken without any notification: for poolers and standbys, which forward none.
  public static let pollInterval: Duration = .seconds(1)
  /// At most one notification in this time: a hint needs no flush of its own and may wait this long.
  static let notificationPause: Duration = .milliseconds(10)
  static let projectionConnectionsMax = 3
  static let projectionTimeout: Duration = .seconds(600)
  static let deliveryConnectionsMax = 4
  static let channel = "federwerk_log"
  /// How often the holder of a lock asks its connection for a sign of life, and how long it waits for that. Together
  /// they are shorter than the time after which a server gives up a session whose peer is silent, so that whoever lost
  /// the lock with the network stops before somebody else gets it.
  static let lockCheckInterval: Duration = .seconds(5)
  static let lockCheckTimeout: Duration = .seconds(10)
  /// The server's time limit is one for each statement, so this limits how long a caller waits for a silent server.
  private static let pipelineCountMax = 16

  private let configuration: PostgresConfiguration
  /// Connections for commands and reading.
  public let pool: PostgresPool
  /// Connections for the read models: however busy they are, appends find theirs.
  public let projectionPool: PostgresPool
  /// Connections for what is kept of deliveries and consumers: however many wait there, nobody else does.
  public let deliveryPool: PostgresPool
  let logger: Logger
  let watchers = Mutex(GrowthWatchers())
  private let grown: AsyncStream<Void>
  private let signalGrowth: AsyncStream<Void>.Continuation

  public init(configuration: PostgresConfiguration, logger: Logger) {
    self.configuration = configuration
    pool = PostgresPool(configuration: configuration, logger: logger)
    var forProjections = configuration
    forProjections.poolSizeMax = Self.projectionConnectionsMax
    // Comparing or removing the rows of a long log takes its time, and nobody's command waits for it.
    forProjections.statementTimeout = Self.projectionTimeout
    projectionPool = PostgresPool(configuration: forProjections, logger: logger)
    var forDeliveries = configuration
    forDeliveries.poolSizeMax = Self.deliveryConnectionsMax
    deliveryPool = PostgresPool(configuration: forDeliveries, logger: logger)
    self.logger = logger
    (grown, signalGrowth) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// Runs the connection pool, the notifications in both directions and the polling; ends by cancellation.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.pool.run() }
      group.addTask { try await self.projectionPool.run() }
      group.addTask { try await self.deliveryPool.run() }
      group.addTask { await self.notifyOthers() }
      group.addTask { await self.listen() }
      group.addTask { await self.poll() }
      try await group.waitForAll()
    }
  }

  /// Does something that only one program on the database does at a time; others wait.
  ///
  /// The lock is a session's: it ends with the body, or with this program however that ends. When the session ends
  /// before, the lock is somebody else's: the body is cancelled.
  /// - Throws: what the body throws; `EventLogFailure` of kind `unavailable` when the lock was lost, once the body has
  ///   ended.
  public func withLock<R: Sendable>(
    _ name: String, _ body: @escaping @Sendable () async throws -> R
  ) async throws -> R {
    // A connection of its own: whoever waits for the lock must not hold one that its owner needs.
    var patient = configuration
    patient.statementTimeout = nil
    let (untilLost, lost) = AsyncStream.makeStream(of: Void.self)
    return try await PostgresConnection.withConnection(patient, logger: logger) { connection in
      _ = try await connection.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [name])
      return try await withThrowingTaskGroup(of: R?.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await body() }
        group.addTask {
          for await _ in untilLost {}
          // Cancelled, there is nothing to say: the body has ended, or is about to.
          if Task.isCancelled { return nil }
          throw EventLogFailure(.unavailable, "the connection that held a lock was lost")
        }
        group.addTask {
          await self.askForLife(connection)
          return nil
        }
        while let ended = try await group.next() {
          if let result = ended { return result }
        }
        throw CancellationError()
      }
    } onClose: {
      lost.finish()
    }
  }

  /// Asks a connection for signs of life until there is none, or the task is cancelled: a peer that vanished without a
  /// word is noticed only by whoever speaks to it. A connection that does not answer in time is closed.
  private func askForLife(_ connection: PostgresConnection) async {
    do {
      while true {
        try await Task.sleep(for: Self.lockCheckInterval)
        try await connection.execute(script: "SELECT", timeout: Self.lockCheckTimeout)
      }
    } catch {
      logger.debug("a lock is no longer watched", metadata: ["reason": "\(error)"])
    }
  }

  // MARK: Appending

  public func append(_ batch: AppendBatch) async throws(EventLogFailure) -> AppendOutcome {
    try AppendStatement.requireContiguous(batch)
    let rows = try await query(AppendStatement.sql(for: batch), AppendStatement.parameters(batch))
    let outcome = try AppendStatement.outcome(rows, of: batch)
    if case .appended = outcome, !batch.events.isEmpty {
      watchers.withLock { $0.hasGrown(batch.log, to: batch.newHead.size) }
      signalGrowth.yield()
    }
    return outcome
  }

  // MARK: Reading

  public func head(of log: LogID) async throws(EventLogFailure) -> LogHead? {
    let rows = try await query(
      """
      SELECT size, epoch, root, frontier, origin, last_recorded_at FROM ledger.logs WHERE plan_id = $1 AND log_id = $2
      """, [log.plan, log.name])
    guard let row = rows.first else { return nil }
    return try decode {
      LogHead(
        size: LogSize(try row.decode(0)), epoch: Int(try row.decode(1, as: Int32.self)), root: try row.decode(2),
        frontier: try row.decode(3), origin: try row.decode(4),
        lastRecordedAt: try row.decode(5, as: PostgresTimestamp?.self).map { Timestamp($0) })
    }
  }

  public func receipts(of plan: EntityID, for keys: [ReceiptKey]) async throws(EventLogFailure) -> [Receipt] {
    guard !keys.isEmpty else { return [] }
    let keysByDigest = Dictionary(keys.map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first })
    let rows = try await query(
      """
      SELECT r.id, r.command_hash, r.answer
      FROM unnest($2::uuid[]) AS wanted (id)
      CROSS JOIN LATERAL (
        SELECT * FROM ledger.receipts known WHERE known.plan_id = $1 AND known.id = wanted.id LIMIT 1
      ) AS r
      """, [plan, PostgresArray(Array(keysByDigest.keys))])
    return try decode {
      try rows.compactMap { row in
        let key = keysByDigest[try row.decode(0)]
        return try key.map { Receipt(key: $0, commandHash: try row.decode(1), answer: try row.decode(2)) }
      }
    }
  }

  public func withReceiptAnswers<Result: Sendable>(
    of plan: EntityID, _ body: (_ next: @escaping () async throws -> [UInt8]?) async throws -> Result
  ) async throws -> Result {
    // The size is found without reading the answer as JSON, which somebody may have spoilt.
    let sql = """
      COPY (
        SELECT answer FROM ledger.receipts WHERE plan_id = '\(plan)'
        ORDER BY substring(encode(answer, 'escape') from '"size":([0-9]{1,16})}$')::bigint NULLS FIRST
      ) TO STDOUT (FORMAT binary)
      """
    return try await projectionPool.withConnection { connection in
      try await connection.withCopyOut(sql) { copy in
        var rows = copy.binaryRows.makeAsyncIterator()
        return try await body { try await rows.next()?.decode(0) }
      }
    }
  }

  public func events(of log: LogID, matching query: EventQuery) async throws(EventLogFailure) -> [StoredEvent] {
    var sql = """
      SELECT position, type, subject, effective_date, recorded_at, body, leaf_hash FROM ledger.events
      WHERE plan_id = $1 AND log_id = $2 AND position
      """
    let isForward = query.order == .oldestFirst
    sql += isForward ? " >= $3" : " <= $3"
    var parameters: [any PostgresEncodable] = [
      log.plan, log.name, query.from?.value ?? (isForward ? 0 : Int64.max),
      Int64(min(query.limit, EventQuery.limitMax)),
    ]
    if let subject = query.subject {
      parameters.append(subject)
      sql += " AND subject = $\(parameters.count)"
    }
    if let type = query.type {
      parameters.append(type)
      sql += " AND type = $\(parameters.count)"
    }
    let rows = try await self.query(sql + " ORDER BY position \(isForward ? "ASC" : "DESC") LIMIT $4", parameters)
    return try decode { try rows.map { try StoredEvent($0) } }
  }

  public func lendEntries(
    of log: LogID, from start: Position, limit: Int, _ body: (Position, UnsafeRawBufferPointer) -> Void
  ) async throws(EventLogFailure) -> Int {
    let rows = try await query(
      """
      SELECT position, body FROM ledger.events WHERE plan_id = $1 AND log_id = $2 AND position >= $3
      ORDER BY position LIMIT $4
      """, [log.plan, log.name, start.value, Int64(min(limit, EventQuery.limitMax))])
    for (index, row) in rows.enumerated() {
      let position = Position(start.value + Int64(index))
      guard try decode({ try row.decode(0) }) == position.value else {
        throw EventLogFailure(.broken, "the store lacks an event between others", LogGap(at: position))
      }
      row.withBytes(1) { if let bytes = $0 { body(position, bytes) } }
    }
    return rows.count
  }

  public func disclosures(
    of log: LogID, at positions: [Position]
  ) async throws(EventLogFailure) -> [StoredDisclosure] {
    let rows = try await query(
      """
      SELECT position, digest, encoded FROM ledger.disclosures
      WHERE plan_id = $1 AND log_id = $2 AND position = ANY ($3) ORDER BY position, digest
      """, [log.plan, log.name, PostgresArray(positions.map(\.value))])
    return try decode {
      try rows.map {
        StoredDisclosure(position: Position(try $0.decode(0)), digest: try $0.decode(1), encoded: try $0.decode(2))
      }
    }
  }

  public func logs(of plan: EntityID) async throws(EventLogFailure) -> [LogID] {
    let rows = try await query("SELECT log_id FROM ledger.logs WHERE plan_id = $1 ORDER BY log_id", [plan])
    return try decode { try rows.map { LogID(plan: plan, name: try $0.decode(0)) } }
  }

  public func plans(after slug: String?, limit: Int) async throws(EventLogFailure) -> [PlanEntry] {
    let rows = try await query(
      """
      SELECT p.plan_id, p.slug, l.size FROM ledger.plans p
      JOIN ledger.logs l ON l.plan_id = p.plan_id AND l.log_id = 'main'
      WHERE p.slug > $1 ORDER BY p.slug LIMIT $2
      """, [slug ?? "", Int64(limit)])
    return try decode {
      try rows.map {
        PlanEntry(plan: try $0.decode(0), slug: try $0.decode(1), size: LogSize(try $0.decode(2)))
      }
    }
  }

  public func plan(withSlug slug: String) async throws(EventLogFailure) -> EntityID? {
    let rows = try await query("SELECT plan_id FROM ledger.plans WHERE slug = $1", [slug])
    return try decode { try rows.first?.decode(0) }
  }

  public func storeTime() async throws(EventLogFailure) -> Timestamp {
    let rows = try await query("SELECT clock_timestamp()", [])
    return try decode { Timestamp(try rows[0].decode(0)) }
  }

  // MARK: Checkpoints

  public func publish(_ checkpoint: StoredCheckpoint, of log: LogID) async throws(EventLogFailure) -> Bool {
    let rows = try await query(
      "SELECT ledger.publish_checkpoint($1, $2, $3, $4, $5, $6)",
      [
        log.plan, log.name, Int32(checkpoint.epoch), checkpoint.size.value, checkpoint.root, checkpoint.note,
      ])
    return try decode { try rows[0].decode(0) }
  }

  public func checkpoint(
    of log: LogID, sizeMax: LogSize?
  ) async throws(EventLogFailure) -> StoredCheckpoint? {
    let rows = try await query(
      """
      SELECT epoch, size, root, note FROM ledger.checkpoints
      WHERE plan_id = $1 AND log_id = $2 AND size <= $3 ORDER BY epoch DESC, size DESC LIMIT 1
      """, [log.plan, log.name, sizeMax?.value ?? Int64.max])
    return try decode { try rows.first.map { try StoredCheckpoint($0) } }
  }

  public func checkpoints(
    of log: LogID, after size: LogSize, limit: Int
  ) async throws(EventLogFailure) -> [StoredCheckpoint] {
    let rows = try await query(
      """
      SELECT epoch, size, root, note FROM ledger.checkpoints
      WHERE plan_id = $1 AND log_id = $2 AND size > $3
      ORDER BY size, epoch FETCH FIRST $4 ROWS WITH TIES
      """, [log.plan, log.name, size.value, Int64(limit)])
    return try decode { try rows.map { try StoredCheckpoint($0) } }
  }

  // MARK: Growth

  public func withGrowthHints<Result: Sendable>(
    of log: LogID, _ body: @Sendable (AsyncStream<LogSize?>) async throws -> Result
  ) async throws -> Result {
    let (stream, hints) = AsyncStream.makeStream(of: LogSize?.self, bufferingPolicy: .bufferingNewest(1))
    let number = watchers.withLock { $0.add(log, hints) }
    defer {
      watchers.withLock { $0.remove(number) }
      hints.finish()
    }
    return try await body(stream)
  }

  /// Tells other servers, on a connection of its own, that logs have grown; many appends make one notification.
  private func notifyOthers() async {
    for await _ in grown {
      let logs = watchers.withLock { $0.takeGrown() }
      let names = logs.map { "\($0.key.plan)/\($0.key.name)/\($0.value.value)" }
      do throws(EventLogFailure) {
        _ = try await query(
          "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, name) FROM unnest($2::text[]) AS name",
          [Self.channel, PostgresArray(names)])
      } catch {
        // A lost hint costs the other servers at most one poll interval.
        logger.debug("notification not sent", metadata: ["reason": "\(error)"])
      }
      // What grows meanwhile goes into the next notification.
      try? await Task.sleep(for: Self.notificationPause)
    }
  }

  private func listen() async {
    while !Task.isCancelled {
      do {
        try await PostgresConnection.withConnection(pool.configuration, logger: logger) { connection in
          try await connection.withListen([Self.channel]) { notifications in
            for try await notification in notifications { self.hint(notification.payload) }
          }
        }
      } catch {
        // Polling covers the time until the connection is back.
        logger.debug("listening interrupted", metadata: ["reason": "\(error)"])
        try? await Task.sleep(for: Self.pollInterval)
      }
    }
  }

  private func hint(_ payload: String) {
    let parts = payload.split(separator: "/")
    guard parts.count == 3, let plan = EntityID(parts[0]), let size = Int64(parts[2]) else { return }
    watchers.withLock { $0.hint(LogID(plan: plan, name: String(parts[1])), LogSize(size)) }
  }

  private func poll() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: Self.pollInterval)
      watchers.withLock { $0.hintAll() }
    }
  }

  // MARK: Calling

  func query(
    _ sql: String, _ parameters: [any PostgresEncodable]
  ) async throws(EventLogFailure) -> PostgresRows {
    try await connected { try await $0.query(sql, parameters) }
  }

  /// The results of some statements that change nothing, in one round trip for every sixteen.
  func pipeline(
    _ statements: [(sql: String, parameters: [any PostgresEncodable])]
  ) async throws(EventLogFailure) -> [PostgresRows] {
    guard !statements.isEmpty else { return [] }
    do throws(EventLogFailure) {
      return try await connected { connection in
        try await connection.withPipeline { pipeline in
          var results: [PostgresRows] = []
          for start in stride(from: 0, to: statements.count, by: Self.pipelineCountMax) {
            for statement in statements[start...].prefix(Self.pipelineCountMax) {
              try pipeline.add(statement.sql, statement.parameters)
            }
            let round = try await pipeline.synchronize()
            results += (0..<round.count).map { round[$0] }
          }
          return results
        }
      }
    } catch {
      // What was prepared is gone, by a pooler or a migration: alone, each statement is prepared anew.
      guard let state = (error.underlying as? PostgresError)?.sqlState, ["26000", "0A000"].contains(state) else {
        throw error
      }
      var results: [PostgresRows] = []
      for statement in statements { results.append(try await query(statement.sql, statement.parameters)) }
      return results
    }
  }

  private func connected<Result: Sendable>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws(EventLogFailure) -> Result {
    do {
      return try await pool.withConnection(body)
    } catch let error as PostgresError {
      throw EventLogFailure(error)
    } catch {
      throw EventLogFailure(.cancelled, "cancelled", error)
    }
  }

  func decode<Value>(_ body: () throws -> Value) throws(EventLogFailure) -> Value {
    do { return try body() } catch {
      throw EventLogFailure(.broken, "the store answered with an unexpected type", error)
    }
  }
}
