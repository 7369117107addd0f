import HangLimit
import Postgres
import TestDatabases
import Testing

@Suite(.hangLimit)
struct PostgresPoolTests {
  @Test func `many callers share few connections`() async throws {
    try await withTestPool({ ($0.poolSizeMax, $0.acquireTimeout) = (3, .seconds(60)) }) { _, pool in
      try await withThrowingTaskGroup(of: Int32.self) { group in
        for _ in 0..<300 {
          group.addTask {
            try await pool.withConnection { try await $0.query("SELECT pg_backend_pid()")[0].decode(0, as: Int32.self) }
          }
        }
        var sessions: Set<Int32> = []
        for try await session in group { sessions.insert(session) }
        #expect((1...3).contains(sessions.count))
      }
      #expect(pool.statistics.open <= 3 && pool.statistics.waiting == 0)
    }
  }

  @Test func `a caller that waits too long gets a pool timeout`() async throws {
    let small: @Sendable (inout PostgresConfiguration) -> Void = {
      $0.poolSizeMax = 1
      $0.acquireTimeout = .milliseconds(100)
    }
    try await withTestPool(small) { _, pool in
      // The first connection may take longer than callers here wait.
      while await postgresError({ try await pool.withConnection { _ in } }) != nil {}
      try await pool.withConnection { _ in
        let error = await postgresError { try await pool.withConnection { _ in } }
        #expect(error?.kind.name == "poolTimeout")
        #expect(error?.isUnavailable == true)
      }
      try await pool.withConnection { _ in }
    }
  }

  @Test func `more waiters than the limit are refused at once`() async throws {
    let small: @Sendable (inout PostgresConfiguration) -> Void = {
      $0.poolSizeMax = 1
      $0.poolWaitersMax = 1
    }
    try await withTestPool(small) { _, pool in
      try await pool.withConnection { _ in
        let waiting = Task { await postgresError { try await pool.withConnection { _ in } } }
        while pool.statistics.waiting < 1 { await Task.yield() }
        let error = await postgresError { try await pool.withConnection { _ in } }
        #expect(error?.kind.name == "poolExhausted")
        waiting.cancel()
        #expect(await waiting.value?.kind.name == "cancelled")
      }
    }
  }

  @Test func `a cancelled waiter leaves the queue`() async throws {
    try await withTestPool({ $0.poolSizeMax = 1 }) { _, pool in
      try await pool.withConnection { _ in
        let waiting = Task { await postgresError { try await pool.withConnection { _ in } } }
        while pool.statistics.waiting < 1 { await Task.yield() }
        waiting.cancel()
        #expect(await waiting.value?.kind.name == "cancelled")
        #expect(pool.statistics.waiting == 0)
      }
    }
  }

  @Test func `a session that the server ended is replaced`() async throws {
    try await withTestPool({ $0.poolSizeMax = 1 }) { database, pool in
      let before = try await pool.withConnection { await $0.backendPID }
      try await waitUntil(database, "pg_terminate_backend(\(before), 5000)")
      while pool.statistics.open > 0 { await Task.yield() }
      let after = try await pool.withConnection { connection in
        try await connection.query("SELECT pg_backend_pid()")[0].decode(0, as: Int32.self)
      }
      #expect(after != before)
    }
  }

  @Test func `a connection given back inside a transaction is not lent again`() async throws {
    try await withTestPool({ $0.poolSizeMax = 1 }) { _, pool in
      let before = try await pool.withConnection { connection in
        try await connection.execute(script: "BEGIN")
        return await connection.backendPID
      }
      let after = try await pool.withConnection { await $0.backendPID }
      #expect(after != before)
    }
  }

  @Test func `idle connections are checked`() async throws {
    let eager: @Sendable (inout PostgresConfiguration) -> Void = {
      $0.poolSizeMax = 1
      $0.idleHealthCheckAge = .milliseconds(20)
    }
    try await withTestPool(eager) { database, pool in
      let pid = try await pool.withConnection { connection in
        try await connection.execute(script: "SELECT 'last use'")
        return await connection.backendPID
      }
      // The check is an empty statement, which then stands as the session's last one.
      try await waitUntil(database, "(SELECT query = '' FROM pg_stat_activity WHERE pid = \(pid))")
      #expect(try await pool.withConnection { await $0.backendPID } == pid)
    }
  }

  @Test func `a server that cannot be reached fails waiting callers in time and says why`() async throws {
    let configuration = PostgresConfiguration(
      connectionString: "host=/nonexistent dbname=x password=sesame", acquireTimeout: .milliseconds(300))
    let pool = PostgresPool(configuration: configuration, logger: quietLogger)
    await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await pool.run() }
      // The first attempt may take longer than a caller here waits; then there is no reason to tell yet.
      var error: PostgresError?
      var last: PostgresError?
      while last == nil {
        error = await postgresError { try await pool.withConnection { _ in } }
        guard case .poolTimeout(let reason) = error?.kind else {
          Issue.record("\(String(reflecting: error))")
          break
        }
        last = reason
      }
      group.cancelAll()
      #expect(last?.kind.name == "connectionFailed")
      let texts = [
        last?.description ?? "", last?.debugDescription ?? "", error?.description ?? "", error?.debugDescription ?? "",
      ]
      #expect(texts.allSatisfy { !$0.contains("sesame") })
    }
  }

  @Test func `a stopped pool refuses callers and closes its connections`() async throws {
    try await withTestDatabase { (database: TestDatabase) in
      let pool = PostgresPool(configuration: PostgresConfiguration(database), logger: quietLogger)
      let running = Task { try await pool.run() }
      try await pool.withConnection { _ in }
      running.cancel()
      try await running.value
      let error = await postgresError { try await pool.withConnection { _ in } }
      #expect(error?.kind.name == "poolClosed")
      try await waitUntil(
        database,
        "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid())")
    }
  }
}
