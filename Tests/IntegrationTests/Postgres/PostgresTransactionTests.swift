import HangLimit
import Postgres
import TestDatabases
import Testing

@Suite(.hangLimit)
struct PostgresTransactionTests {
  private struct Refusal: Error {}

  @Test func `a body's own error comes through after the rollback`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TABLE notes (a int)")
      await #expect(throws: Refusal.self) {
        try await connection.withTransaction { connection in
          _ = try await connection.query("INSERT INTO notes VALUES (1)")
          throw Refusal()
        }
      }
      #expect(try await connection.query("SELECT FROM notes").isEmpty)
      #expect(await connection.transactionStatus == .idle)
    }
  }

  @Test func `a body that hides a failed statement cannot commit`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TABLE notes (a int)")
      let error = await postgresError {
        try await connection.withTransaction { connection in
          _ = try await connection.query("INSERT INTO notes VALUES (1)")
          _ = await postgresError { _ = try await connection.query("SELECT 1/0") }
        }
      }
      guard case .transaction(let parts) = error?.kind else {
        Issue.record("\(String(reflecting: error))")
        return
      }
      #expect(parts.commit != nil && parts.begin == nil && parts.body == nil && parts.rollback == nil)
      #expect(error?.outcomeUnknown == false)
      #expect(try await connection.query("SELECT FROM notes").isEmpty)
    }
  }

  @Test func `a failure at commit is the commit's, with its code`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(
        script: """
          CREATE TABLE parents (id int PRIMARY KEY);
          CREATE TABLE children (parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
          """)
      let error = await postgresError {
        try await connection.withTransaction { _ = try await $0.query("INSERT INTO children VALUES (1)") }
      }
      #expect(error?.kind.name == "transaction")
      #expect(error?.sqlState == "23503")
      #expect(await connection.transactionStatus == .idle)
    }
  }

  @Test func `a connection whose rollback failed is closed and both errors are kept`() async throws {
    try await withTestConnection { database, connection in
      let pid = await connection.backendPID
      let error = await postgresError {
        try await connection.withTransaction { _ in
          try await waitUntil(database, "pg_terminate_backend(\(pid), 5000)")
          throw Refusal()
        }
      }
      guard case .transaction(let parts) = error?.kind else {
        Issue.record("\(String(reflecting: error))")
        return
      }
      #expect(parts.body is Refusal)
      #expect(parts.rollback?.kind.name == "connectionLost")
      #expect(await connection.isClosed)
    }
  }

  @Test func `isolation and read only are what was asked for`() async throws {
    try await withTestConnection { _, connection in
      let settings = "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
      let rows = try await connection.withTransaction(isolation: .serializable, readOnly: true) {
        try await $0.query(settings)
      }
      #expect(try rows[0].decode(0, as: String.self) == "serializable")
      #expect(try rows[0].decode(1, as: String.self) == "on")
      let error = await postgresError {
        try await connection.withTransaction(readOnly: true) { _ = try await $0.query("CREATE TABLE never (a int)") }
      }
      #expect(error?.sqlState == "25006")
    }
  }

  @Test func `a transaction inside a transaction is refused, and the outer one is undone`() async throws {
    try await withTestConnection { _, connection in
      let error = await postgresError {
        try await connection.withTransaction { try await $0.withTransaction { _ in } }
      }
      guard case .transaction(let parts) = error?.kind else {
        Issue.record("\(String(reflecting: error))")
        return
      }
      #expect(parts.begin?.kind.name == "protocolViolation")
    }
  }

  @Test func `a commit whose answer never came is of unknown outcome`() async throws {
    try await withTestConnection { database, connection in
      // The deferred trigger runs inside COMMIT, so that the session can be ended there.
      try await connection.execute(
        script: """
          CREATE TABLE notes (a int);
          CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(600); RETURN NULL; END $$;
          CREATE CONSTRAINT TRIGGER last AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION die();
          """)
      let error = await postgresError {
        try await connection.withTransaction { _ = try await $0.query("INSERT INTO notes VALUES (1)") }
      }
      guard case .transaction(let parts) = error?.kind else {
        Issue.record("\(String(reflecting: error))")
        return
      }
      #expect(parts.commit?.kind.name == "connectionLost")
      #expect(error?.outcomeUnknown == true)
      #expect(error?.sqlState == "57P01")
    }
  }
}
