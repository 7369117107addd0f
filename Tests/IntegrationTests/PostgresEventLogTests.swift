import EventLogConformance
import EventLogPostgres
import EventSourcing
import HangLimit
import Postgres
import Schema
import TestDatabases
import Testing

@Suite(.hangLimit) struct PostgresEventLogTests {
  @Test(arguments: EventLogClaim.all)
  func `the log in PostgreSQL keeps its promise`(claim: EventLogClaim) async throws {
    try await withEventLog { log, _ in try await claim.check { log } }
  }

  @Test func `a subscription sees what another server appends`() async throws {
    try await withEventLog { log, database in
      let other = PostgresEventLog(
        configuration: PostgresConfiguration(connectionString: database.serviceConnectionString), logger: testLogger)
      try await running(other) {
        try await checkEventLogFollowSeesEverything { SplitEventLog(reading: log, writing: other) }
      }
    }
  }

  @Test func `whoever loses the session that holds a lock is stopped and told`() async throws {
    try await withEventLog { log, database in
      let (held, hold) = AsyncStream.makeStream(of: Void.self)
      let (forever, end) = AsyncStream.makeStream(of: Void.self)
      defer { end.finish() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          let failure = await #expect(throws: EventLogFailure.self) {
            try await log.withLock("probe") {
              hold.yield()
              for await _ in forever {}
              #expect(Task.isCancelled)
            }
          }
          #expect(failure?.kind == .unavailable)
        }
        for await _ in held { break }
        try await endHolderOfLock(in: database)
        try await group.waitForAll()
      }
      // Others get it.
      try await log.withLock("probe") {}
    }
  }

  @Test func `hashes are read also when a pooler has lost what was prepared`() async throws {
    try await withMigratedDatabase { database in
      var configuration = PostgresConfiguration(connectionString: database.serviceConnectionString)
      configuration.poolSizeMax = 1
      let log = PostgresEventLog(configuration: configuration, logger: testLogger)
      try await running(log) {
        let parts: [TreePart] = [
          .leafHashes(from: Position(2), count: 1), .tile(level: 0, index: 0), .leafHashes(from: Position(0), count: 9),
        ]
        let nothing = LogID(plan: EntityID(high: 1, low: 1))
        #expect(try await log.tiles.hashes(of: parts, in: nothing) == [[], [], []])
        try await log.pool.withConnection { try await $0.execute(script: "DEALLOCATE ALL") }
        #expect(try await log.tiles.hashes(of: parts, in: nothing) == [[], [], []])
      }
    }
  }

  @Test func `a server with the rights of the service finds nothing to object to but the throw-away settings`()
    async throws
  {
    try await withEventLog { log, _ in
      for concern in try await log.concerns(migrations: Migrations.all) {
        if case .setting = concern { continue }
        Issue.record("\(concern)")
      }
    }
  }

  @Test func `a superuser's login is refused for serving`() async throws {
    try await withMigratedDatabase { database in
      let log = PostgresEventLog(
        configuration: PostgresConfiguration(connectionString: database.connectionString), logger: testLogger)
      try await running(log) {
        let concerns = try await log.concerns(migrations: Migrations.all)
        #expect(concerns.contains { if case .tooPowerful = $0 { true } else { false } })
      }
    }
  }

  @Test func `a database that lacks the newest migration says what to run`() async throws {
    try await withTestDatabase { (database: TestDatabase) in
      let owner = PostgresConfiguration(connectionString: database.connectionString)
      try await PostgresConnection.withConnection(owner, logger: testLogger) { connection in
        _ = try await PostgresMigrator().migrate(on: connection, migrations: Array(Migrations.all.dropLast()))
      }
      let log = PostgresEventLog(
        configuration: PostgresConfiguration(connectionString: database.serviceConnectionString), logger: testLogger)
      let concerns = try await log.concerns(migrations: Migrations.all)
      #expect(concerns.contains { "\($0)".contains("federwerk migrate") })
    }
  }

  @Test func `a database of a newer version is refused`() async throws {
    try await withMigratedDatabase { (database: TestDatabase) in
      let log = PostgresEventLog(
        configuration: PostgresConfiguration(connectionString: database.serviceConnectionString), logger: testLogger)
      let concerns = try await log.concerns(migrations: Array(Migrations.all.dropLast()))
      #expect(concerns.contains { "\($0)".contains("run a newer program") })
    }
  }

  @Test func `a database without the ledger says what to run`() async throws {
    try await withTestDatabase { database in
      let log = PostgresEventLog(
        configuration: PostgresConfiguration(connectionString: database.connectionString), logger: testLogger)
      try await running(log) {
        let concerns = try await log.concerns(migrations: Migrations.all)
        #expect(concerns.contains { "\($0)".contains("federwerk migrate") })
      }
    }
  }
}

/// Lends an event log on a migrated database of its own, running.
func withEventLog(_ body: @Sendable (PostgresEventLog, TestDatabase) async throws -> Void) async throws {
  try await withMigratedDatabase { database in
    let log = PostgresEventLog(
      configuration: PostgresConfiguration(connectionString: database.serviceConnectionString), logger: testLogger)
    try await running(log) { try await body(log, database) }
  }
}

/// Runs a log's background work while the body works with it.
func running(_ log: PostgresEventLog, _ body: @Sendable () async throws -> Void) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await log.run() }
    defer { group.cancelAll() }
    try await body()
  }
}

/// Ends the sessions that hold a lock of `withLock`, as a restart of the database does.
func endHolderOfLock(in database: TestDatabase) async throws {
  let settings = PostgresConfiguration(connectionString: database.connectionString)
  try await PostgresConnection.withConnection(settings, logger: testLogger) { connection in
    let ended = try await connection.query(
      """
      SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()
      """)
    #expect(!ended.isEmpty, "somebody holds a lock")
  }
}

/// Writes through one server and reads through another.
private struct SplitEventLog: EventLog {
  let reading: PostgresEventLog
  let writing: PostgresEventLog

  init(reading: PostgresEventLog, writing: PostgresEventLog) {
    self.reading = reading
    self.writing = writing
  }

  var tiles: any TileStore { writing.tiles }

  func head(of log: LogID) async throws(EventLogFailure) -> LogHead? { try await reading.head(of: log) }

  func append(_ batch: AppendBatch) async throws(EventLogFailure) -> AppendOutcome { try await writing.append(batch) }

  func receipts(of plan: EntityID, for keys: [ReceiptKey]) async throws(EventLogFailure) -> [Receipt] {
    try await reading.receipts(of: plan, for: keys)
  }

  func withReceiptAnswers<Result: Sendable>(
    of plan: EntityID, _ body: (@escaping () async throws -> [UInt8]?) async throws -> Result
  ) async throws -> Result {
    try await reading.withReceiptAnswers(of: plan, body)
  }

  func events(of log: LogID, matching query: EventQuery) async throws(EventLogFailure) -> [StoredEvent] {
    try await reading.events(of: log, matching: query)
  }

  func lendEntries(
    of log: LogID, from start: Position, limit: Int, _ body: (Position, UnsafeRawBufferPointer) -> Void
  ) async throws(EventLogFailure) -> Int {
    try await reading.lendEntries(of: log, from: start, limit: limit, body)
  }

  func disclosures(of log: LogID, at positions: [Position]) async throws(EventLogFailure) -> [StoredDisclosure] {
    try await reading.disclosures(of: log, at: positions)
  }

  func checkpoints(
    of log: LogID, after size: LogSize, limit: Int
  ) async throws(EventLogFailure) -> [StoredCheckpoint] {
    try await reading.checkpoints(of: log, after: size, limit: limit)
  }

  func logs(of plan: EntityID) async throws(EventLogFailure) -> [LogID] { try await reading.logs(of: plan) }

  func plans(after slug: String?, limit: Int) async throws(EventLogFailure) -> [PlanEntry] {
    try await reading.plans(after: slug, limit: limit)
  }

  func plan(withSlug slug: String) async throws(EventLogFailure) -> EntityID? {
    try await reading.plan(withSlug: slug)
  }

  func storeTime() async throws(EventLogFailure) -> Timestamp { try await reading.storeTime() }

  func publish(_ checkpoint: StoredCheckpoint, of log: LogID) async throws(EventLogFailure) -> Bool {
    try await writing.publish(checkpoint, of: log)
  }

  func checkpoint(of log: LogID, sizeMax: LogSize?) async throws(EventLogFailure) -> StoredCheckpoint? {
    try await reading.checkpoint(of: log, sizeMax: sizeMax)
  }

  func withGrowthHints<Result: Sendable>(
    of log: LogID, _ body: @Sendable (AsyncStream<LogSize?>) async throws -> Result
  ) async throws -> Result {
    try await reading.withGrowthHints(of: log, body)
  }
}
