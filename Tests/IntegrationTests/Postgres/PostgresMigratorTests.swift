import HangLimit
import Postgres
import TestDatabases
import Testing

@Suite(.hangLimit)
struct PostgresMigratorTests {
  private let first = PostgresMigration(number: 1, name: "create_notes", sql: "CREATE TABLE notes (a int)")
  private let second = PostgresMigration(
    number: 2, name: "fill_notes", sql: "INSERT INTO notes VALUES (1); INSERT INTO notes VALUES (2);")

  @Test func `migrations run once, in order, and are recorded`() async throws {
    try await withTestConnection { _, connection in
      let migrator = PostgresMigrator()
      #expect(try await migrator.status(on: connection).isEmpty)
      var reports: [String] = []
      let count = try await migrator.migrate(on: connection, migrations: [second, first]) { reports.append($0) }
      #expect(count == 2 && reports.count == 4)
      #expect(reports[0] == "applying migration 1 create_notes")
      #expect(try await migrator.migrate(on: connection, migrations: [first, second]) == 0)
      let applied = try await migrator.status(on: connection)
      #expect(applied.map(\.number) == [1, 2])
      #expect(applied.allSatisfy { $0.sha256.count == 32 })
      #expect(try await connection.query("SELECT FROM notes").count == 2)
      let timeout = try await connection.query(
        "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
      #expect(try timeout[0].decode(0, as: String.self) == "30s")
      #expect(try timeout[0].decode(1, as: String.self) == "0")
      #expect(
        try await connection.query(
          "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND datname = current_database()"
        ).isEmpty)
    }
  }

  @Test func `a failing migration leaves no trace and those before it stay`() async throws {
    try await withTestConnection { _, connection in
      let broken = PostgresMigration(number: 2, name: "broken", sql: "CREATE TABLE half (a int); SELECT 1/0;")
      let error = await postgresError {
        try await PostgresMigrator().migrate(on: connection, migrations: [first, broken])
      }
      #expect(error?.sqlState == "22012")
      let applied = try await PostgresMigrator().status(on: connection).map(\.number)
      #expect(applied == [1])
      let traces = try await connection.query(
        "SELECT FROM pg_class WHERE relname = 'half' UNION ALL SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND datname = current_database()"
      )
      #expect(traces.isEmpty)
    }
  }

  @Test func `a changed text and a newer database are errors that name the numbers`() async throws {
    try await withTestConnection { _, connection in
      let migrator = PostgresMigrator(schema: "bookkeeping \"of\" ours")
      try await migrator.migrate(on: connection, migrations: [first, second])
      var changed = first
      changed.sql += " "
      let changedError = await postgresError {
        try await migrator.migrate(on: connection, migrations: [changed, second])
      }
      #expect(changedError?.description.contains("migration 1 (create_notes)") == true)
      let newer = await postgresError { try await migrator.migrate(on: connection, migrations: [first]) }
      #expect(newer?.description.contains("migration 2") == true)
      #expect(newer?.description.contains("up to 1") == true)
    }
  }

  @Test func `two migrators wait for each other`() async throws {
    try await withTestDatabase { (database: TestDatabase) in
      let counts = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 {
          group.addTask { [first, second] in
            try await PostgresConnection.withConnection(PostgresConfiguration(database), logger: quietLogger) {
              connection in
              try await PostgresMigrator().migrate(on: connection, migrations: [first, second])
            }
          }
        }
        var counts: [Int] = []
        for try await count in group { counts.append(count) }
        return counts
      }
      #expect(counts.sorted() == [0, 0, 0, 2])
    }
  }

  @Test func `a migration that commits by itself is refused`() async throws {
    try await withTestConnection { _, connection in
      let commits = PostgresMigration(number: 1, name: "commits", sql: "CREATE TABLE half (a int); COMMIT;")
      let error = await postgresError { try await PostgresMigrator().migrate(on: connection, migrations: [commits]) }
      #expect(error?.kind.name == "migration")
    }
  }
}
