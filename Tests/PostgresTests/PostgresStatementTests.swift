import Testing

@testable import Postgres

@Suite
struct PostgresStatementTests {
  private let call = CallSite(operation: "test", file: "", line: 0)

  @Test func `all parameters stand in one buffer, each with its place`() throws {
    let statement = try PostgresStatement("", [Int32(1), "ä", Int64?.none, [] as [UInt8], true], call)
    #expect(statement.bytes == [0, 0, 0, 1, 0xC3, 0xA4, 1, 0])
    #expect(statement.parameters.map(\.offset) == [0, 4, 6, 6, 6])
    #expect(statement.parameters.map(\.length) == [4, 2, -1, 0, 1])
    #expect(statement.parameters.map(\.type) == [.int4, .text, .int8, .bytea, .bool])
  }

  @Test func `arrays have the server's binary form`() throws {
    let statement = try PostgresStatement("", [PostgresArray(["a", nil, ""])], call)
    #expect(
      statement.bytes == [
        0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 3, 0, 0, 0, 1,
        0, 0, 0, 1, 97, 255, 255, 255, 255, 0, 0, 0, 0, 0,
      ])
    let empty = try PostgresStatement("", [PostgresArray<Int64>([])], call)
    #expect(empty.bytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0])
    let numbers = try PostgresStatement("", [PostgresArray([Int16(-2), 3])], call)
    #expect(Array(numbers.bytes[20...]) == [0, 0, 0, 2, 255, 254, 0, 0, 0, 2, 0, 3, 0])
  }

  @Test func `what was encoded decodes to itself`() throws {
    func roundTrip<Value: PostgresEncodable & PostgresDecodable & Equatable>(_ value: Value) throws {
      var bytes: [UInt8] = []
      try value.encode(into: &bytes)
      for type in [Value.postgresType, .unspecified] {
        let decoded = try bytes.withUnsafeBytes { try Value(binary: $0, type: type) }
        #expect(decoded == value)
      }
    }
    try roundTrip(Int64.min)
    try roundTrip(Int32.max)
    try roundTrip(Int16.min)
    try roundTrip(-5)
    try roundTrip(true)
    try roundTrip(Double.infinity)
    try roundTrip("Grüße")
    try roundTrip([0, 1, 255] as [UInt8])
    try roundTrip(PostgresTimestamp(microsecondsSinceUnixEpoch: -1))
    try roundTrip(PostgresDate(daysSinceUnixEpoch: -719_162))
    try roundTrip(PostgresArray([1, nil, 3] as [Int?]))
    try roundTrip(PostgresArray((0..<3000).map { "text \($0)" }))
  }

  @Test func `values outside a type's range are refused`() {
    let values: [any PostgresEncodable] = [
      PostgresTimestamp(microsecondsSinceUnixEpoch: .min), PostgresDate(daysSinceUnixEpoch: .min), "a\0",
      PostgresArray(["fine", "b\0"]),
    ]
    for value in values {
      #expect(throws: PostgresError.self) { try PostgresStatement("", [value], call) }
    }
    #expect(throws: PostgresError.self) {
      try PostgresStatement("", [any PostgresEncodable](repeating: 1, count: 65536), call)
    }
  }

  @Test func `a decoder trusts neither types nor lengths`() {
    func decode<Value: PostgresDecodable>(_ bytes: [UInt8], _ type: PostgresType, as: Value.Type)
      -> PostgresDecodingError?
    {
      bytes.withUnsafeBytes { raw in
        do throws(PostgresDecodingError) {
          _ = try Value(binary: raw, type: type)
          return nil
        } catch {
          return error
        }
      }
    }
    #expect(decode([0, 0], .int8, as: Int.self) == .invalidLength(type: .int8, actual: 2))
    #expect(decode([0, 0, 0, 1], .text, as: Int.self) == .typeMismatch(expected: .int8, actual: .text))
    #expect(decode([0, 1, 0, 0], .int4, as: Int16.self) == .invalidValue(type: .int2))
    #expect(decode([0xFF], .text, as: String.self) == .invalidValue(type: .text))
    #expect(decode([0, 0, 0, 1], .int4, as: String.self) == .typeMismatch(expected: .text, actual: .int4))
    #expect(decode([2, 123, 125], .jsonb, as: String.self) == .invalidValue(type: .jsonb))
    #expect(decode([1, 123, 125], .jsonb, as: String.self) == nil)
    #expect(decode([127, 255, 255, 255, 255, 255, 255, 255], .timestamptz, as: PostgresTimestamp.self) != nil)
    #expect(decode([128, 0, 0, 0, 0, 0, 0, 0], .timestamptz, as: PostgresTimestamp.self) != nil)
    #expect(decode([127, 255, 255, 255], .date, as: PostgresDate.self) != nil)
    #expect(decode([128, 0, 0, 0], .date, as: PostgresDate.self) != nil)
    #expect(decode([], .int8Array, as: PostgresArray<Int>.self) != nil)
    let forged: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 127, 255, 255, 255, 0, 0, 0, 1]
    #expect(decode(forged, .int8Array, as: PostgresArray<Int>.self) == .invalidValue(type: .int8Array))
    let truncated: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8, 0]
    #expect(decode(truncated, .int8Array, as: PostgresArray<Int>.self) == .invalidValue(type: .int8Array))
  }
}

@Suite
struct StatementCacheTests {
  private func statement(_ sql: String, _ values: [any PostgresEncodable] = []) throws -> PostgresStatement {
    try PostgresStatement(sql, values, CallSite(operation: "test", file: "", line: 0))
  }

  @Test func `a statement is found by its text and its parameters' types`() throws {
    var cache = StatementCache(countMax: 10)
    #expect(cache.insert(try statement("a", [1]), name: "first") == nil)
    #expect(cache.name(of: try statement("a", [2])) == "first")
    #expect(cache.name(of: try statement("a", ["text"])) == nil)
    #expect(cache.name(of: try statement("a")) == nil)
    #expect(cache.insert(try statement("a", ["text"]), name: "second") == nil)
    #expect(cache.name(of: try statement("a", ["other"])) == "second")
    #expect(cache.count == 2)
  }

  @Test func `a full cache releases the one used least recently`() throws {
    var cache = StatementCache(countMax: 2)
    _ = cache.insert(try statement("a"), name: "a")
    _ = cache.insert(try statement("b"), name: "b")
    _ = cache.name(of: try statement("a"))
    #expect(cache.insert(try statement("c"), name: "c") == "b")
    #expect(cache.name(of: try statement("a")) == "a")
    #expect(cache.name(of: try statement("b")) == nil)
    #expect(cache.count == 2)
  }

  @Test func `a removed statement is prepared anew under a new name`() throws {
    var cache = StatementCache(countMax: 2)
    let first = cache.makeName()
    _ = cache.insert(try statement("a"), name: first)
    #expect(cache.remove(try statement("a")) == first)
    #expect(cache.remove(try statement("a")) == nil)
    #expect(cache.name(of: try statement("a")) == nil)
    #expect(cache.makeName() != first)
    #expect(cache.count == 0)
  }
}
