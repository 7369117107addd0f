import HangLimit
import Postgres
import TestDatabases
import Testing

@Suite(.hangLimit)
struct PostgresListenTests {
  @Test func `notifications arrive in order, from other sessions and from one's own`() async throws {
    try await withTestConnection { database, connection in
      try await connection.withListen(["Plan \"1\"", "other"]) { notifications in
        try await PostgresConnection.withConnection(PostgresConfiguration(database), logger: quietLogger) { sender in
          for number in 0..<10 {
            _ = try await sender.query("SELECT pg_notify($1, $2)", ["Plan \"1\"", "\(number)"])
          }
          _ = try await connection.query("SELECT pg_notify('other', 'own')")
          var iterator = notifications.makeAsyncIterator()
          for number in 0..<10 {
            let notification = try #require(try await iterator.next())
            #expect(notification.payload == "\(number)" && notification.channel == "Plan \"1\"")
            #expect(notification.backendPID == (await sender.backendPID) && !notification.followsDropped)
          }
          #expect(try await iterator.next()?.payload == "own")
        }
      }
    }
  }

  @Test func `a waiting consumer is woken while the connection is idle`() async throws {
    try await withTestConnection { database, connection in
      try await connection.withListen(["hints"]) { notifications in
        async let received = { () async throws -> String? in
          var iterator = notifications.makeAsyncIterator()
          return try await iterator.next()?.payload
        }()
        try await waitUntil(database, "pg_notify('hints', 'now') IS NOT NULL")
        #expect(try await received == "now")
      }
    }
  }

  @Test func `leaving the scope stops listening`() async throws {
    try await withTestConnection { _, connection in
      try await connection.withListen(["a", "b"]) { _ in
        try await connection.withListen(["b", "c"]) { _ in }
        let channels = try await connection.query("SELECT channel FROM pg_listening_channels() AS channel ORDER BY 1")
        #expect(channels.count == 2)
      }
      #expect(try await connection.query("SELECT FROM pg_listening_channels()").isEmpty)
    }
  }

  @Test func `a slow consumer loses the oldest and is told so`() async throws {
    try await withTestConnection({ $0.notificationBufferMax = 3 }) { _, connection in
      try await connection.withListen(["hints"]) { notifications in
        for number in 0..<10 { _ = try await connection.query("SELECT pg_notify('hints', $1)", ["\(number)"]) }
        var iterator = notifications.makeAsyncIterator()
        let first = try #require(try await iterator.next())
        #expect(first.payload == "7" && first.followsDropped)
        let second = try #require(try await iterator.next())
        #expect(second.payload == "8" && !second.followsDropped)
      }
    }
  }

  @Test func `a lost connection ends the sequence with an error`() async throws {
    try await withTestConnection { database, connection in
      let pid = await connection.backendPID
      let error = await postgresError {
        try await connection.withListen(["hints"]) { notifications in
          async let next = { () async throws -> PostgresNotification? in
            var iterator = notifications.makeAsyncIterator()
            return try await iterator.next()
          }()
          try await waitUntil(database, "pg_terminate_backend(\(pid), 5000)")
          _ = try await next
        }
      }
      #expect(error?.kind.name == "connectionLost")
      #expect(await connection.isClosed)
    }
  }

  @Test func `a cancelled consumer stops waiting and the session stops listening`() async throws {
    try await withTestConnection { database, connection in
      let task = Task {
        await postgresError {
          try await connection.withListen(["hints"]) { notifications in
            for try await _ in notifications {}
          }
        }
      }
      try await waitUntil(
        database, "EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND state = 'idle')")
      task.cancel()
      #expect(await task.value?.kind.name == "cancelled")
      #expect(try await connection.query("SELECT FROM pg_listening_channels()").isEmpty)
    }
  }
}
