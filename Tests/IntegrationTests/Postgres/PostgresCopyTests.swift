import HangLimit
import Postgres
import TestDatabases
import Testing

@Suite(.hangLimit)
struct PostgresCopyTests {
  @Test func `binary rows arrive whole and in order`() async throws {
    try await withTestConnection { _, connection in
      let sql = """
        COPY (SELECT i::int8, repeat('ä', i % 100), CASE WHEN i % 3 = 0 THEN NULL ELSE i END
          FROM generate_series(1, 50000) AS i) TO STDOUT (FORMAT binary)
        """
      let count = try await connection.withCopyOut(sql) { copy in
        var count = 0
        for try await row in copy.binaryRows {
          count += 1
          #expect(try row.decode(0, as: Int64.self) == Int64(count))
          #expect(try row.decode(1, as: String.self).utf8.count == 2 * (count % 100))
          #expect(try row.decode(2, as: Int32?.self) == (count % 3 == 0 ? nil : Int32(count)))
        }
        return count
      }
      #expect(count == 50000)
      #expect(
        try await connection.query("SELECT current_setting('statement_timeout')")[0].decode(0, as: String.self) == "30s"
      )
    }
  }

  @Test func `text arrives in chunks of whole rows`() async throws {
    try await withTestConnection { _, connection in
      var text: [UInt8] = []
      try await connection.withCopyOut("COPY (SELECT i FROM generate_series(1, 30000) AS i) TO STDOUT") { copy in
        for try await chunk in copy {
          #expect(chunk.last == UInt8(ascii: "\n"))
          text += chunk
        }
      }
      #expect(text == Array((1...30000).map { "\($0)\n" }.joined().utf8))
    }
  }

  @Test func `a slow reader makes the server wait`() async throws {
    try await withTestConnection { database, connection in
      try await connection.withCopyOut("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 100000)) TO STDOUT") {
        copy in
        var iterator = copy.makeAsyncIterator()
        _ = try await iterator.next()
        try await waitUntil(
          database, "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'ClientWrite')")
      }
    }
  }

  @Test func `leaving early stops the server and leaves the connection usable`() async throws {
    try await withTestConnection { _, connection in
      let first = try await connection.withCopyOut("COPY (SELECT generate_series(1, 2000000000)) TO STDOUT") {
        copy in
        for try await chunk in copy { return chunk.count }
        return 0
      }
      #expect(first > 0)
      try await expectUsable(connection)
      #expect(await !connection.isClosed)
    }
  }

  @Test func `an error in the middle is thrown, not mistaken for the end`() async throws {
    try await withTestConnection { _, connection in
      let error = await postgresError {
        try await connection.withCopyOut("COPY (SELECT 1/(100000 - i) FROM generate_series(1, 200000) AS i) TO STDOUT")
        {
          copy in
          for try await _ in copy {}
        }
      }
      #expect(error?.sqlState == "22012")
      try await expectUsable(connection)
    }
  }

  @Test func `using the connection inside a copy fails instead of waiting for ever`() async throws {
    try await withTestConnection { _, connection in
      let error = await postgresError {
        try await connection.withCopyOut("COPY (SELECT 1) TO STDOUT") { _ in
          _ = try await connection.query("SELECT 1")
        }
      }
      #expect(error?.kind.name == "protocolViolation")
      try await expectUsable(connection)
    }
  }

  @Test func `a cancelled reader gets the cancellation and the connection survives`() async throws {
    try await withTestConnection { database, connection in
      let task = Task {
        await postgresError {
          try await connection.withCopyOut("COPY (SELECT pg_sleep(600)) TO STDOUT") { copy in
            for try await _ in copy {}
          }
        }
      }
      try await waitUntil(database, somebodyWaits)
      task.cancel()
      #expect(await task.value?.kind.name == "cancelled")
      try await expectUsable(connection)
    }
  }

  @Test func `a statement that is no copy is refused`() async throws {
    try await withTestConnection { _, connection in
      let error = await postgresError { try await connection.withCopyOut("SELECT 1") { _ in } }
      #expect(error?.kind.name == "protocolViolation")
      let wrong = await postgresError { try await connection.withCopyOut("SELECT nonsense(") { _ in } }
      #expect(wrong?.sqlState == "42601")
      try await expectUsable(connection)
    }
  }

  @Test func `written rows are there when the call returns`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TABLE notes (a int8, b text, c bytea)")
      try await connection.withCopyIn("COPY notes FROM STDIN (FORMAT binary)") { copy in
        var rows = PostgresCopyEncoder()
        for number in 0..<100_000 {
          try rows.append([number, number % 10 == 0 ? String?.none : "text \(number)", [1, 2, 3] as [UInt8]])
          if rows.byteCount > 100_000 { try await copy.write(rows.take()) }
        }
        try await copy.write(rows.finish())
      }
      let rows = try await connection.query("SELECT count(*), count(b), sum(a)::int8 FROM notes")
      #expect(try rows[0].decode(0, as: Int.self) == 100_000)
      #expect(try rows[0].decode(1, as: Int.self) == 90_000)
      #expect(try rows[0].decode(2, as: Int.self) == 4_999_950_000)
    }
  }

  /// What the kernel takes at a time changes from write to write; a writer must neither stop nor wait for a server that
  /// reads.
  @Test func `a copy in pieces of many sizes comes to its end`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TEMP TABLE lines (text text)")
      let line = Array((String(repeating: "x", count: 99) + "\n").utf8)
      var written = 0
      for round in 1...40 {
        try await connection.withCopyIn("COPY lines FROM STDIN") { copy in
          for count in [1, 40, 700, 1_100, 2_600, 7_000 + round] {
            try await copy.write((0..<count).flatMap { _ in line })
          }
        }
        written += 1 + 40 + 700 + 1_100 + 2_600 + 7_000 + round
      }
      let rows = try await connection.query("SELECT count(*) FROM lines")
      #expect(try rows.first?.decode(0, as: Int64.self) == Int64(written))
    }
  }

  @Test func `a writer that throws leaves nothing behind`() async throws {
    struct GiveUp: Error {}
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TABLE notes (a text)")
      await #expect(throws: GiveUp.self) {
        try await connection.withCopyIn("COPY notes FROM STDIN") { copy in
          try await copy.write(Array("one\n".utf8))
          throw GiveUp()
        }
      }
      #expect(try await connection.query("SELECT FROM notes").isEmpty)
    }
  }

  @Test func `bad data fails the copy with the server's reason`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TABLE notes (a int)")
      let error = await postgresError {
        try await connection.withCopyIn("COPY notes FROM STDIN") { copy in
          try await copy.write(Array("1\nnonsense\n".utf8))
          for _ in 0..<100 { try await copy.write(Array(String(repeating: "2\n", count: 20_000).utf8)) }
        }
      }
      #expect(error?.sqlState == "22P02")
      #expect(try await connection.query("SELECT FROM notes").isEmpty)
    }
  }
}
