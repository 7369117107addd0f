import HangLimit
import Postgres
import TestDatabases
import Testing

@Suite(.hangLimit)
struct PostgresCancellationTests {
  @Test func `a cancelled statement ends on the server and its connection is reusable`() async throws {
    try await withTestConnection { database, connection in
      let pid = await connection.backendPID
      let query = Task { await postgresError { _ = try await connection.query("SELECT pg_sleep(600)") } }
      try await waitUntil(database, somebodyWaits)
      query.cancel()
      let error = await query.value
      #expect(error?.kind.name == "cancelled")
      #expect(error?.outcomeUnknown == false)
      #expect(try await connection.query("SELECT pg_backend_pid()")[0].decode(0, as: Int32.self) == pid)
    }
  }

  @Test func `cancelling never hits the statement after`() async throws {
    try await withTestConnection { _, connection in
      for round in 0..<200 {
        let query = Task { try await connection.query("SELECT pg_sleep(0.0005)") }
        if round % 2 == 0 { await Task.yield() }
        query.cancel()
        _ = await query.result
        try await expectUsable(connection)
      }
    }
  }

  @Test func `a waiting caller is cancelled without disturbing the one before`() async throws {
    try await withTestConnection { database, connection in
      try await connection.execute(script: "SELECT pg_advisory_lock(1)")
      try await PostgresConnection.withConnection(PostgresConfiguration(database), logger: quietLogger) { other in
        let first = Task { try await other.query("SELECT pg_advisory_lock(1), 5") }
        try await waitUntil(database, somebodyWaits)
        let second = Task { await postgresError { _ = try await other.query("SELECT 6") } }
        second.cancel()
        #expect(await second.value?.kind.name == "cancelled")
        try await connection.execute(script: "SELECT pg_advisory_unlock(1)")
        #expect(try await first.value[0].decode(1, as: Int.self) == 5)
      }
    }
  }

  @Test func `a task that is cancelled already sends nothing`() async throws {
    try await withTestConnection { _, connection in
      let query = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return await postgresError { _ = try await connection.query("CREATE TABLE never (a int)") }
      }
      #expect(await query.value?.kind.name == "cancelled")
      let isMissing = try await connection.query("SELECT to_regclass('never') IS NULL")[0].decode(0, as: Bool.self)
      #expect(isMissing)
    }
  }

  @Test func `the server's statement timeout is a timeout with its code`() async throws {
    try await withTestConnection({ $0.statementTimeout = .milliseconds(50) }) { _, connection in
      let error = await postgresError { _ = try await connection.query("SELECT pg_sleep(600)") }
      #expect(error?.kind.name == "timeout statementOnServer")
      #expect(error?.sqlState == "57014")
      try await expectUsable(connection)
    }
  }

  @Test func `a server that does not answer in time loses the connection`() async throws {
    let impatient: @Sendable (inout PostgresConfiguration) -> Void = {
      $0.statementTimeout = .seconds(1)
      $0.statementGrace = .milliseconds(1)
    }
    try await withTestConnection(impatient) { _, connection in
      // Prepared before, so that the one that hangs has nothing left to do but execute.
      _ = try await connection.query("SELECT pg_sleep($1)", [0.0])
      try await connection.execute(script: "SET statement_timeout = 0")
      let error = await postgresError { _ = try await connection.query("SELECT pg_sleep($1)", [600.0]) }
      #expect(error?.kind.name == "timeout statementOnClient")
      #expect(error?.outcomeUnknown == true)
      #expect(await connection.isClosed)
    }
  }

  @Test func `a cancelled transaction is rolled back`() async throws {
    try await withTestConnection { database, connection in
      try await connection.execute(script: "CREATE TABLE notes (a int)")
      let transaction = Task {
        await postgresError {
          try await connection.withTransaction { connection in
            _ = try await connection.query("INSERT INTO notes VALUES (1)")
            _ = try await connection.query("SELECT pg_sleep(600)")
          }
        }
      }
      try await waitUntil(database, somebodyWaits)
      transaction.cancel()
      #expect(await transaction.value?.kind.name == "cancelled")
      #expect(await connection.transactionStatus == .idle)
      #expect(try await connection.query("SELECT FROM notes").isEmpty)
    }
  }
}
