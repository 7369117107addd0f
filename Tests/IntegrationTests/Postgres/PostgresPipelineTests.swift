import HangLimit
import Postgres
import TestDatabases
import Testing

@Suite(.hangLimit)
struct PostgresPipelineTests {
  @Test func `several statements are one transaction and one round trip`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TABLE notes (a int)")
      let (inserted, count) = try await connection.withPipeline { pipeline in
        let insert = try pipeline.add("INSERT INTO notes SELECT generate_series(1, $1::int8)", [3])
        let select = try pipeline.add("SELECT count(*) FROM notes")
        let results = try await pipeline.synchronize()
        return (results[insert].affectedRows, try results[select][0].decode(0, as: Int.self))
      }
      #expect(inserted == 3 && count == 3)
    }
  }

  @Test func `the error belongs to the statement that failed, and nothing of the pipeline stays`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TABLE notes (a int)")
      let thrown = await postgresError {
        try await connection.withPipeline { pipeline in
          try pipeline.add("INSERT INTO notes VALUES (1)")
          try pipeline.add("SELECT 1/$1::int8", [0])
          try pipeline.add("INSERT INTO notes VALUES (2)")
          _ = try await pipeline.synchronize()
        }
      }
      let error = try #require(thrown)
      #expect(error.sqlState == "22012")
      #expect(error.description.contains("statement 2"))
      #expect(error.debugDescription.contains("1/$1"))
      #expect(try await connection.query("SELECT FROM notes").isEmpty)
    }
  }

  @Test func `a text that cannot be prepared fails as its own statement`() async throws {
    try await withTestConnection { _, connection in
      let error = await postgresError {
        try await connection.withPipeline { pipeline in
          try pipeline.add("SELECT 1")
          try pipeline.add("SELECT nonsense(")
        }
      }
      #expect(error?.sqlState == "42601")
      #expect(error?.description.contains("statement 2") == true)
      try await expectUsable(connection)
    }
  }

  @Test func `a pipeline larger than every buffer does not lock up`() async throws {
    try await withTestConnection { _, connection in
      let text = String(repeating: "x", count: 100_000)
      let total = try await connection.withPipeline { pipeline in
        for _ in 0..<300 { try pipeline.add("SELECT $1", [text]) }
        let results = try await pipeline.synchronize()
        var total = 0
        for index in 0..<results.count { total += try results[index][0].decode(0, as: String.self).utf8.count }
        return total
      }
      #expect(total == 300 * 100_000)
    }
  }

  @Test func `two synchronisations are two transactions`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TABLE notes (a int)")
      let error = await postgresError {
        try await connection.withPipeline { pipeline in
          try pipeline.add("INSERT INTO notes VALUES (1)")
          _ = try await pipeline.synchronize()
          try pipeline.add("INSERT INTO notes VALUES (2)")
          try pipeline.add("SELECT 1/0")
        }
      }
      #expect(error?.sqlState == "22012")
      #expect(try await connection.query("SELECT FROM notes").count == 1)
    }
  }

  @Test func `a cancelled pipeline leaves the connection usable`() async throws {
    try await withTestConnection { database, connection in
      let task = Task {
        await postgresError {
          try await connection.withPipeline { pipeline in
            try pipeline.add("SELECT pg_sleep(600)")
            try pipeline.add("SELECT pg_sleep(600)")
          }
        }
      }
      try await waitUntil(database, somebodyWaits)
      task.cancel()
      #expect(await task.value?.kind.name == "cancelled")
      try await expectUsable(connection)
    }
  }
}
