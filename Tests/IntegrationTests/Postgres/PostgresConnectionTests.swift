import HangLimit
import Postgres
import TestDatabases
import Testing

@Suite(.hangLimit)
struct PostgresConnectionTests {
  @Test func `a session ended by the server during a statement is lost with unknown outcome and its code`() async throws
  {
    try await withTestConnection { database, connection in
      let pid = await connection.backendPID
      let query = Task { await postgresError { _ = try await connection.query("SELECT pg_sleep(600)") } }
      try await waitUntil(database, somebodyWaits)
      try await waitUntil(database, "pg_terminate_backend(\(pid), 5000)")
      let error = await query.value
      #expect(error?.kind.name == "connectionLost")
      #expect(error?.sqlState == "57P01")
      #expect(error?.outcomeUnknown == true)
      let later = await postgresError { _ = try await connection.query("SELECT 1") }
      #expect(later?.kind.name == "connectionLost" && later?.outcomeUnknown == false)
    }
  }

  @Test func `an idle session ended by the server is noticed without a statement`() async throws {
    try await withTestConnection { database, connection in
      let pid = await connection.backendPID
      try await waitUntil(database, "pg_terminate_backend(\(pid), 5000)")
      while await !connection.isClosed { await Task.yield() }
    }
  }

  @Test func `callers that wait for a lost connection fail with it`() async throws {
    try await withTestConnection { database, connection in
      let pid = await connection.backendPID
      let queries = (0..<5).map { _ in
        Task { await postgresError { _ = try await connection.query("SELECT pg_sleep(600)") } }
      }
      try await waitUntil(database, somebodyWaits)
      try await waitUntil(database, "pg_terminate_backend(\(pid), 5000)")
      var unknown = 0
      for query in queries {
        let error = await query.value
        #expect(error?.kind.name == "connectionLost")
        if error?.outcomeUnknown == true { unknown += 1 }
      }
      #expect(unknown == 1)
    }
  }

  @Test func `a connection string that libpq cannot read is refused without quoting it`() async throws {
    let configuration = PostgresConfiguration(connectionString: "host=x password='sesame")
    let error = await postgresError {
      try await PostgresConnection.withConnection(configuration, logger: quietLogger) { _ in }
    }
    #expect(error?.kind.name == "invalidConfiguration")
    #expect(error?.debugDescription.contains("sesame") == false)
  }

  @Test func `the first host that answers is used`() async throws {
    try await withTestDatabase { (database: TestDatabase) in
      let lone = PostgresConfiguration(connectionString: "host=/nonexistent")
      let error = await postgresError {
        try await PostgresConnection.withConnection(lone, logger: quietLogger) { _ in }
      }
      #expect(error?.kind.name == "connectionFailed")
      #expect(error?.outcomeUnknown == false)

      let both = PostgresConfiguration(
        connectionString: database.connectionString.replacing("host='", with: "host='/nonexistent,"))
      try await PostgresConnection.withConnection(both, logger: quietLogger) { connection in
        #expect(both.connectionString != database.connectionString)
        let rows = try await connection.query("SELECT 1")
        #expect(rows.count == 1)
      }
    }
  }

  @Test func `a server that never answers is given up with its own error`() async throws {
    try await withSilentServer { port in
      let configuration = PostgresConfiguration(
        connectionString: "host=127.0.0.1 port=\(port)", connectTimeout: .milliseconds(100))
      let error = await postgresError {
        try await PostgresConnection.withConnection(configuration, logger: quietLogger) { _ in }
      }
      #expect(error?.kind.name == "timeout connect")
      #expect(error?.outcomeUnknown == false && error?.isUnavailable == true)
    }
  }

  @Test func `a closed connection refuses everything with its own error`() async throws {
    try await withTestConnection { _, connection in
      await connection.close()
      await connection.close()
      for attempt in [
        { _ = try await connection.query("SELECT 1") },
        { try await connection.execute(script: "SELECT 1") },
        { try await connection.withTransaction { _ in } },
        { try await connection.withCopyOut("COPY (SELECT 1) TO STDOUT") { _ in } },
        { try await connection.withListen(["a"]) { _ in } },
        { try await connection.withPipeline { _ = try $0.add("SELECT 1") } },
      ] as [() async throws -> Void] {
        let error = await postgresError(attempt)
        #expect(["connectionLost", "transaction"].contains(error?.kind.name ?? ""))
        #expect(error?.outcomeUnknown == false && error?.isUnavailable == true)
      }
    }
  }
}
