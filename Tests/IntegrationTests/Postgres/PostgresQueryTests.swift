import HangLimit
import Postgres
import TestDatabases
import Testing

@Suite(.hangLimit)
struct PostgresQueryTests {
  @Test func `values come back as they were sent`() async throws {
    try await withTestConnection { _, connection in
      let rows = try await connection.query(
        "SELECT $1::int8, $2::int4, $3::int2, $4::bool, $5::float8, $6::text, $7::bytea, $8::timestamptz, $9::date",
        [
          Int64.min, Int32.max, Int16.min, true, -0.5, "Grüße, 木\u{1F333}", [0, 255, 10] as [UInt8],
          PostgresTimestamp(microsecondsSinceUnixEpoch: -1), PostgresDate(daysSinceUnixEpoch: -1),
        ])
      let row = try #require(rows.first)
      #expect(try row.decode(0, as: Int64.self) == .min)
      #expect(try row.decode(1, as: Int32.self) == .max)
      #expect(try row.decode(2, as: Int16.self) == .min)
      #expect(try row.decode(3, as: Bool.self))
      #expect(try row.decode(4, as: Double.self) == -0.5)
      #expect(try row.decode(5, as: String.self) == "Grüße, 木\u{1F333}")
      #expect(try row.decode(6, as: [UInt8].self) == [0, 255, 10])
      #expect(try row.decode(7, as: PostgresTimestamp.self) == PostgresTimestamp(microsecondsSinceUnixEpoch: -1))
      #expect(try row.decode(8, as: PostgresDate.self) == PostgresDate(daysSinceUnixEpoch: -1))
    }
  }

  @Test func `the server reads dates and times as this module means them`() async throws {
    try await withTestConnection { _, connection in
      let rows = try await connection.query(
        "SELECT to_char($1::timestamptz, 'YYYY-MM-DD HH24:MI:SS.US'), to_char($2::date, 'YYYY-MM-DD'), current_setting('TimeZone')",
        [
          PostgresTimestamp(microsecondsSinceUnixEpoch: 1_531_353_600_000_001), PostgresDate(daysSinceUnixEpoch: 17724),
        ])
      #expect(try rows[0].decode(0, as: String.self) == "2018-07-12 00:00:00.000001")
      #expect(try rows[0].decode(1, as: String.self) == "2018-07-12")
      #expect(try rows[0].decode(2, as: String.self) == "UTC")
    }
  }

  @Test func `NULL is nil both ways, and an error where nil is impossible`() async throws {
    try await withTestConnection { _, connection in
      let rows = try await connection.query("SELECT $1::text, $2::int4 IS NULL", [String?.none, Int32?.none])
      #expect(try rows[0].decode(0, as: String?.self) == nil)
      #expect(try rows[0].decode(1, as: Bool.self))
      let error = await postgresError { _ = try rows[0].decode("text", as: String.self) }
      guard case .decoding(.unexpectedNull, column: "text") = error?.kind else {
        Issue.record("\(String(reflecting: error))")
        return
      }
    }
  }

  @Test func `arrays of thousands of elements go both ways, with NULLs and empty ones`() async throws {
    try await withTestConnection { _, connection in
      let numbers = (0..<5000).map { Int64($0) * 1_000_003 }
      let texts: [String?] = (0..<5000).map { $0 % 7 == 0 ? nil : "text \($0)" }
      let bytes: [[UInt8]] = (0..<5000).map { [UInt8](repeating: UInt8($0 % 256), count: $0 % 50) }
      let rows = try await connection.query(
        "SELECT $1, $2, $3, $4::date[], cardinality($2), (SELECT count(*) FROM unnest($2) AS t WHERE t IS NULL)",
        [PostgresArray(numbers), PostgresArray(texts), PostgresArray(bytes), PostgresArray<PostgresDate>([])])
      #expect(try rows[0].decode(0, as: PostgresArray<Int64>.self).elements == numbers)
      #expect(try rows[0].decode(1, as: PostgresArray<String?>.self).elements == texts)
      #expect(try rows[0].decode(2, as: PostgresArray<[UInt8]>.self).elements == bytes)
      #expect(try rows[0].decode(3, as: PostgresArray<PostgresDate>.self).elements.isEmpty)
      #expect(try rows[0].decode(4, as: Int.self) == 5000)
      #expect(try rows[0].decode(5, as: Int.self) == 715)
    }
  }

  @Test func `another module's identifier travels as uuid`() async throws {
    try await withTestConnection { _, connection in
      let id = Identifier(bytes: Array(0..<16))
      let rows = try await connection.query("SELECT $1, $1::text, $2", [id, PostgresArray([id, id])])
      #expect(try rows[0].decode(0, as: Identifier.self) == id)
      #expect(try rows[0].decode(1, as: String.self) == "00010203-0405-0607-0809-0a0b0c0d0e0f")
      #expect(try rows[0].decode(2, as: PostgresArray<Identifier>.self).elements == [id, id])
    }
  }

  @Test func `a NUL in a text is refused before anything is sent`() async throws {
    try await withTestConnection { _, connection in
      let error = await postgresError { _ = try await connection.query("SELECT $1, $2", [1, "a\0b"]) }
      guard case .encoding(.nulInText(byteOffset: 1), parameter: 2) = error?.kind else {
        Issue.record("\(String(reflecting: error))")
        return
      }
      #expect(error?.outcomeUnknown == false)
    }
  }

  @Test func `an error leaves the connection usable and says nothing in its description`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TABLE secrets (name text PRIMARY KEY)")
      _ = try await connection.query("INSERT INTO secrets VALUES ($1)", ["sesame"])
      let thrown = await postgresError { _ = try await connection.query("INSERT INTO secrets VALUES ($1)", ["sesame"]) }
      let error = try #require(thrown)
      #expect(error.sqlState == "23505")
      #expect(error.serverError?.constraint == "secrets_pkey")
      #expect(!"\(error)".contains("sesame") && !"\(error)".contains("INSERT"))
      #expect(error.debugDescription.contains("sesame") && error.debugDescription.contains("INSERT"))
      #expect(error.file.hasSuffix("PostgresQueryTests.swift"))
      #expect(try await connection.query("SELECT 1")[0].decode(0, as: Int.self) == 1)
    }
  }

  @Test func `an error at commit fails the statement although its rows came before`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(
        script: """
          CREATE TABLE parents (id int PRIMARY KEY);
          CREATE TABLE children (parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
          """)
      let error = await postgresError {
        _ = try await connection.query("INSERT INTO children VALUES (1) RETURNING parent")
      }
      #expect(error?.sqlState == "23503")
      #expect(error?.outcomeUnknown == false)
      #expect(try await connection.query("SELECT count(*) FROM children")[0].decode(0, as: Int.self) == 0)
    }
  }

  @Test func `a statement whose table changed is prepared anew`() async throws {
    try await withTestConnection { _, connection in
      try await connection.execute(script: "CREATE TABLE things (a int); INSERT INTO things VALUES (1)")
      #expect(try await connection.query("SELECT * FROM things")[0].columnCount == 1)
      try await connection.execute(script: "ALTER TABLE things ADD b int")
      #expect(try await connection.query("SELECT * FROM things")[0].columnCount == 2)
      try await connection.execute(script: "DEALLOCATE ALL")
      #expect(try await connection.query("SELECT * FROM things")[0].columnCount == 2)
    }
  }

  @Test func `the server keeps no more prepared statements than the limit`() async throws {
    try await withTestConnection({ $0.preparedStatementsMax = 5 }) { _, connection in
      for number in 0..<40 {
        #expect(try await connection.query("SELECT \(number)")[0].decode(0, as: Int.self) == number)
      }
      let count = try await connection.query("SELECT count(*) FROM pg_prepared_statements")
      #expect(try count[0].decode(0, as: Int.self) <= 6)
    }
  }

  @Test func `many tasks share one connection in order`() async throws {
    try await withTestConnection { _, connection in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<200 {
          group.addTask { try await connection.query("SELECT $1", [number])[0].decode(0, as: Int.self) == number }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test func `a result of many megabytes arrives whole`() async throws {
    try await withTestConnection { _, connection in
      let rows = try await connection.query("SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) AS i")
      #expect(rows.count == 20000 && rows.affectedRows == 20000)
      var sum = 0
      for row in rows { sum += try row.decode(0, as: Int.self) }
      #expect(sum == 20000 * 20001 / 2)
    }
  }

  @Test func `a parameter of many megabytes is written whole`() async throws {
    try await withTestConnection { _, connection in
      let bytes = [UInt8](repeating: 7, count: 40_000_000)
      let rows = try await connection.query("SELECT length($1), $1", [bytes])
      #expect(try rows[0].decode(0, as: Int.self) == bytes.count)
      #expect(try rows[0].decode(1, as: [UInt8].self) == bytes)
    }
  }

  @Test func `every session runs with synchronous commit whatever the connection string says`() async throws {
    let weaken: @Sendable (inout PostgresConfiguration) -> Void = {
      $0.connectionString += " options='-c synchronous_commit=off -c work_mem=7MB'"
    }
    try await withTestConnection(weaken) { _, connection in
      let rows = try await connection.query(
        "SELECT current_setting(name) FROM unnest($1) AS name",
        [
          PostgresArray([
            "synchronous_commit", "work_mem", "statement_timeout", "client_encoding", "application_name",
          ])
        ])
      var values: [String] = []
      for row in rows { values.append(try row.decode(0)) }
      #expect(values == ["on", "7MB", "30s", "UTF8", "federwerk"])
    }
  }

  @Test func `every session is given up by the server about a minute after its program has vanished`() async throws {
    try await withTestConnection { _, connection in
      // What a session over a Unix socket was given as well, and has no use for.
      let rows = try await connection.query(
        "SELECT reset_val FROM pg_settings WHERE name LIKE 'tcp!_keepalives!_%' ESCAPE '!' ORDER BY name")
      var values: [String] = []
      for row in rows { values.append(try row.decode(0)) }
      #expect(values == ["3", "30", "10"])
    }
  }

  @Test func `a COPY through query is refused and closes the connection`() async throws {
    try await withTestConnection { _, connection in
      let error = await postgresError { _ = try await connection.query("COPY (SELECT 1) TO STDOUT") }
      #expect(error?.kind.name == "protocolViolation")
      #expect(await connection.isClosed)
    }
  }
}

private struct Identifier: Hashable, PostgresEncodable, PostgresDecodable {
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  static var postgresType: PostgresType { .uuid }
  static var postgresArrayType: PostgresType { .uuidArray }
  func encode(into buffer: inout [UInt8]) { buffer.append(contentsOf: bytes) }
  init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    guard binary.count == 16 else { throw .invalidLength(type: .uuid, actual: binary.count) }
    bytes = Array(binary)
  }
}
