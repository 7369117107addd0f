import Testing

@testable import Postgres

@Suite
struct BinaryCopyParserTests {
  private static func stream(rows: Int) throws -> [UInt8] {
    var encoder = PostgresCopyEncoder()
    for number in 0..<rows {
      try encoder.append([number, "text \(number)", number % 2 == 0 ? Int32?.none : Int32(number)])
    }
    return encoder.finish()
  }

  /// Reads all rows of a stream that comes in pieces of one size.
  private func read(_ stream: [UInt8], inPiecesOf size: Int) throws -> [(Int, String, Int32?)] {
    var parser = BinaryCopyParser()
    var rows: [(Int, String, Int32?)] = []
    for start in Swift.stride(from: 0, to: stream.count, by: size) {
      parser.append(Array(stream[start..<min(start + size, stream.count)]))
      while let row = try parser.next() {
        rows.append((try row.decode(0), try row.decode(1), try row.decode(2)))
      }
    }
    #expect(parser.isComplete)
    return rows
  }

  @Test(arguments: [1, 2, 7, 64, 100_000])
  func `rows come out whole however the stream is cut`(size: Int) throws {
    let rows = try read(try Self.stream(rows: 50), inPiecesOf: size)
    #expect(rows.map(\.0) == Array(0..<50))
    #expect(rows.map(\.1) == (0..<50).map { "text \($0)" })
    let odd: [Int32?] = (0..<50).map { $0 % 2 == 0 ? nil : Int32($0) }
    #expect(rows.map(\.2) == odd)
  }

  @Test func `a stream without its trailer is not complete`() throws {
    var parser = BinaryCopyParser()
    parser.append(try Self.stream(rows: 1).dropLast(2))
    #expect(try parser.next() != nil)
    #expect(try parser.next() == nil)
    #expect(!parser.isComplete)
  }

  @Test func `text is not taken for the binary format`() {
    var parser = BinaryCopyParser()
    parser.append(Array("1\tone\n2\ttwo\n3\tthree\n".utf8))
    #expect(throws: PostgresDecodingError.invalidCopyFormat) { try parser.next() }
  }

  @Test func `a forged length is an error`() throws {
    var parser = BinaryCopyParser()
    parser.append(PostgresCopyEncoder().finishedHeader + [0, 1, 255, 255, 255, 254])
    #expect(throws: PostgresDecodingError.invalidCopyFormat) { try parser.next() }
  }

  @Test func `a column that is not there is an error`() throws {
    var parser = BinaryCopyParser()
    parser.append(try Self.stream(rows: 1))
    let row = try #require(try parser.next())
    #expect(row.columnCount == 3)
    #expect(throws: PostgresError.self) { try row.decode(3, as: Int.self) }
    #expect(throws: PostgresError.self) { try row.decode(-1, as: Int.self) }
    #expect(throws: PostgresError.self) { try row.decode(2, as: Int32.self) }
  }
}

extension PostgresCopyEncoder {
  /// The header alone.
  fileprivate var finishedHeader: [UInt8] {
    var copy = self
    return copy.take()
  }
}
