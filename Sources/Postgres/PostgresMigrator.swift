/// One step of the schema's history. It runs once, in one transaction, and its text never changes afterwards.
public struct PostgresMigration: Sendable, Hashable {
  public var number: Int
  public var name: String
  public var sql: String

  public init(number: Int, name: String, sql: String) {
    self.number = number
    self.name = name
    self.sql = sql
  }
}

/// A migration the database has had.
public struct PostgresAppliedMigration: Sendable, Hashable {
  public var number: Int
  public var name: String
  /// SHA-256 of the text it was applied with.
  public var sha256: [UInt8]
  public var appliedAt: PostgresTimestamp
}

/// What the database has had, and what it still needs.
public struct PostgresMigrationStatus: Sendable, Hashable {
  public var applied: [PostgresAppliedMigration]
  public var pending: [PostgresMigration]
}

/// Brings a database forward, one numbered migration after the other; there is no way back.
///
/// Two migrators on one database wait for each other. A migration that fails leaves no trace, those before it stay.
/// What has been applied is recorded with its checksum in `federwerk_migrations`, in the same transaction.
public struct PostgresMigrator: Sendable {
  /// Where the record is kept; created if it is missing.
  public var schema: String
  /// How long to wait for another migrator.
  public var lockTimeout: Duration

  public init(schema: String = "public", lockTimeout: Duration = .seconds(600)) {
    self.schema = schema
    self.lockTimeout = lockTimeout
  }

  /// The migrations the database has had, by number; none when it was never migrated. Changes nothing.
  public nonisolated(nonsending) func status(
    on connection: PostgresConnection, file: String = #fileID, line: Int = #line
  ) async throws(PostgresError) -> [PostgresAppliedMigration] {
    let table = try await table(on: connection, CallSite(operation: "read migrations", file: file, line: line))
    let exists = try await connection.query("SELECT to_regclass($1) IS NOT NULL", [table], file: file, line: line)
    guard try exists[0].decode(0, as: Bool.self) else { return [] }
    let rows = try await connection.query(
      "SELECT number, name, sha256, applied_at FROM \(table) ORDER BY number", file: file, line: line)
    var applied: [PostgresAppliedMigration] = []
    for row in rows {
      applied.append(
        PostgresAppliedMigration(
          number: try row.decode(0), name: try row.decode(1), sha256: try row.decode(2), appliedAt: try row.decode(3)))
    }
    return applied
  }

  /// What the database has had and what it needs. Throws kind `migration` when the two do not fit. Changes nothing.
  public nonisolated(nonsending) func status(
    on connection: PostgresConnection, migrations: [PostgresMigration], file: String = #fileID, line: Int = #line
  ) async throws(PostgresError) -> PostgresMigrationStatus {
    let applied = try await status(on: connection, file: file, line: line)
    let checksums = try await checksums(of: migrations, on: connection, file: file, line: line)
    do throws(PostgresMigrationError) {
      let pending = try PostgresMigrationPlan.pending(migrations, checksums: checksums, applied: applied)
      return PostgresMigrationStatus(applied: applied, pending: pending)
    } catch {
      throw PostgresError("check migrations", .migration(error), file: file, line: line)
    }
  }

  /// Applies what is missing, in order, and returns how many that were. Reports each before it starts and when it is
  /// done.
  ///
  /// The server's statement timeout does not apply. The connection should be one of its own: others that use it
  /// meanwhile would be inside the transactions. Stopping at any instant is safe: the next call goes on where the last
  /// commit was.
  @discardableResult
  public nonisolated(nonsending) func migrate(
    on connection: PostgresConnection, migrations: [PostgresMigration], file: String = #fileID, line: Int = #line,
    report: (String) -> Void = { _ in }
  ) async throws -> Int {
    try await lock(connection, CallSite(operation: "lock migrations", file: file, line: line))
    let result: Result<Int, any Error>
    do {
      result = .success(try await migrateLocked(connection, migrations, file, line, report))
    } catch {
      result = .failure(error)
    }
    await unlock(connection, CallSite(operation: "unlock migrations", file: file, line: line))
    return try result.get()
  }

  // MARK: Steps

  private nonisolated(nonsending) func migrateLocked(
    _ connection: PostgresConnection, _ migrations: [PostgresMigration], _ file: String, _ line: Int,
    _ report: (String) -> Void
  ) async throws -> Int {
    let table = try await table(on: connection, CallSite(operation: "create migrations table", file: file, line: line))
    let pending = try await status(on: connection, migrations: migrations, file: file, line: line).pending
    guard !pending.isEmpty else { return 0 }
    try await createTable(table, on: connection, file, line)
    for migration in pending {
      report("applying migration \(migration.number) \(migration.name)")
      let start = ContinuousClock.now
      try await apply(migration, table, on: connection, file, line)
      report("applied migration \(migration.number) \(migration.name) in \(ContinuousClock.now - start)")
    }
    return pending.count
  }

  private nonisolated(nonsending) func apply(
    _ migration: PostgresMigration, _ table: String, on connection: PostgresConnection, _ file: String, _ line: Int
  ) async throws {
    try await connection.withTransaction(file: file, line: line) { connection in
      try await connection.execute(script: migration.sql, file: file, line: line)
      // Its record below must stand in the same transaction.
      guard await connection.transactionStatus == .open else {
        throw PostgresError(
          "apply migration", .migration(.endedTransaction(number: migration.number)), file: file, line: line)
      }
      _ = try await connection.query(
        "INSERT INTO \(table) (number, name, sha256) VALUES ($1, $2, sha256($3))",
        [migration.number, migration.name, Array(migration.sql.utf8)], file: file, line: line)
    }
  }

  /// Asks before it creates: IF NOT EXISTS needs the right to create also where nothing is to be created.
  private nonisolated(nonsending) func createTable(
    _ table: String, on connection: PostgresConnection, _ file: String, _ line: Int
  ) async throws(PostgresError) {
    let existing = try await connection.query(
      "SELECT to_regclass($1) IS NOT NULL, EXISTS (SELECT FROM pg_namespace WHERE nspname = $2)", [table, schema],
      file: file, line: line)
    let hasTable = try existing[0].decode(0, as: Bool.self)
    let hasSchema = try existing[0].decode(1, as: Bool.self)
    guard !hasTable else { return }
    let quotedSchema = try await identifier(schema, on: connection, file, line)
    let createSchema = hasSchema ? "" : "CREATE SCHEMA \(quotedSchema);"
    try await connection.execute(
      script: """
        \(createSchema)
        CREATE TABLE \(table) (
          number int PRIMARY KEY,
          name text NOT NULL,
          sha256 bytea NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        """, file: file, line: line)
  }

  private nonisolated(nonsending) func checksums(
    of migrations: [PostgresMigration], on connection: PostgresConnection, file: String, line: Int
  ) async throws(PostgresError) -> [[UInt8]] {
    let rows = try await connection.query(
      "SELECT sha256(text) FROM unnest($1) WITH ORDINALITY AS given (text, place) ORDER BY place",
      [PostgresArray(migrations.map { Array($0.sql.utf8) })], file: file, line: line)
    var checksums: [[UInt8]] = []
    for row in rows { checksums.append(try row.decode(0)) }
    return checksums
  }

  // MARK: One migrator at a time

  /// One lock per schema in each database, held by the session: it ends with the connection at the latest.
  private static let lockKey = "hashtextextended('federwerk_migrations ' || $1, 0)"

  private nonisolated(nonsending) func lock(
    _ connection: PostgresConnection, _ call: CallSite
  ) async throws(PostgresError) {
    let timeouts = "SET statement_timeout = 0; SET lock_timeout = \(lockTimeout.wholeMilliseconds)"
    _ = try await connection.runScript(PostgresStatement(timeouts), timeout: .seconds(30), call)
    do throws(PostgresError) {
      let lock = try PostgresStatement("SELECT pg_advisory_lock(\(Self.lockKey))", [schema], call)
      _ = try await connection.run(lock, timeout: .after(lockTimeout + .seconds(30)), call)
      // The migrations' own locks wait as long as the database is set to.
      _ = try await connection.runScript(PostgresStatement("RESET lock_timeout"), timeout: .seconds(30), call)
    } catch {
      await unlock(connection, call)
      throw error
    }
  }

  /// Runs also when the task is cancelled. A connection that cannot be put back as it was is closed, which unlocks as
  /// well.
  private nonisolated(nonsending) func unlock(_ connection: PostgresConnection, _ call: CallSite) async {
    do throws(PostgresError) {
      // Unlike a plain unlock this gives no warning when the lock was never taken.
      let reset = "SELECT pg_advisory_unlock_all(); RESET lock_timeout; RESET statement_timeout"
      _ = try await connection.runScript(
        PostgresStatement(reset), cancellation: .ignored, timeout: .seconds(10), call)
    } catch {
      await connection.close()
    }
  }

  private nonisolated(nonsending) func table(
    on connection: PostgresConnection, _ call: CallSite
  ) async throws(PostgresError) -> String {
    "\(try await identifier(schema, on: connection, call.file, call.line)).federwerk_migrations"
  }

  private nonisolated(nonsending) func identifier(
    _ name: String, on connection: PostgresConnection, _ file: String, _ line: Int
  ) async throws(PostgresError) -> String {
    guard let quoted = await connection.quoteIdentifier(name) else {
      throw PostgresError(
        "quote name", .invalidConfiguration("a schema name must be valid text"), file: file, line: line)
    }
    return quoted
  }
}

/// Decides what is to be applied. Knows no database.
enum PostgresMigrationPlan {
  /// What the database lacks, in order. `checksums` stand in the order of `migrations`.
  static func pending(
    _ migrations: [PostgresMigration], checksums: [[UInt8]], applied: [PostgresAppliedMigration]
  ) throws(PostgresMigrationError) -> [PostgresMigration] {
    var known: [Int: (migration: PostgresMigration, sha256: [UInt8])] = [:]
    for (migration, checksum) in zip(migrations, checksums) {
      guard known.updateValue((migration, checksum), forKey: migration.number) == nil else {
        throw .duplicateNumber(migration.number)
      }
    }
    let newestKnown = migrations.map(\.number).max() ?? 0
    let newestApplied = applied.map(\.number).max()
    if let newestApplied, newestApplied > newestKnown {
      throw .unknownNewer(database: newestApplied, known: newestKnown)
    }
    for record in applied {
      guard let (_, sha256) = known[record.number] else {
        throw .unknownApplied(number: record.number, name: record.name)
      }
      guard sha256 == record.sha256 else { throw .checksumChanged(number: record.number, name: record.name) }
    }
    let done = Set(applied.map(\.number))
    let pending = migrations.filter { !done.contains($0.number) }.sorted { $0.number < $1.number }
    if let first = pending.first, let newestApplied, first.number < newestApplied {
      throw .outOfOrder(number: first.number, applied: newestApplied)
    }
    return pending
  }
}
