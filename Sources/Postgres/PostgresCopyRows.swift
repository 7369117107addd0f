/// The rows of a binary COPY, one by one. Header and trailer are checked and taken off.
///
/// Reading a row suspends only when a new chunk is needed.
public struct PostgresCopyRows: AsyncSequence, Sendable {
  public typealias Element = PostgresCopyRow
  public typealias Failure = PostgresError
  let chunks: PostgresCopyOut

  public func makeAsyncIterator() -> Iterator { Iterator(chunks: chunks.makeAsyncIterator()) }

  public struct Iterator: AsyncIteratorProtocol {
    var chunks: PostgresCopyOut.Iterator
    var parser = BinaryCopyParser()

    /// Runs where its consumer runs, without a change of thread unless it must wait.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(PostgresError) -> PostgresCopyRow? {
      while true {
        do throws(PostgresDecodingError) {
          if let row = try parser.next() { return row }
        } catch {
          throw PostgresError("read copy", .decoding(error, column: ""), file: #fileID, line: #line)
        }
        guard let chunk = try await chunks.next(isolation: actor) else {
          guard parser.isComplete else {
            throw PostgresError(
              "read copy", .decoding(.invalidCopyFormat, column: ""), file: #fileID, line: #line)
          }
          return nil
        }
        parser.append(chunk)
      }
    }
  }
}

@available(*, unavailable)
extension PostgresCopyRows.Iterator: Sendable {}

/// Cuts a binary COPY stream into rows ("File Formats, Binary Format" on PostgreSQL's page about COPY).
struct BinaryCopyParser {
  private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]
  /// Signature, flags, length of the header's extension.
  private static let headerCount = 19

  private enum State {
    case header
    case rows
    case complete
  }

  private var state = State.header
  private var chunk: [UInt8] = []
  private var offset = 0

  /// Whether the trailer has been read.
  var isComplete: Bool {
    if case .complete = state { return true }
    return false
  }

  /// Adds what comes next. Rows end with chunks, normally, and then nothing is copied.
  mutating func append(_ next: [UInt8]) {
    chunk = offset == chunk.count ? next : Array(chunk[offset...]) + next
    offset = 0
  }

  /// The next complete row, nil when more is needed or the trailer has come.
  mutating func next() throws(PostgresDecodingError) -> PostgresCopyRow? {
    if case .header = state {
      guard try takeHeader() else { return nil }
      state = .rows
    }
    guard case .rows = state else { return nil }
    let start = offset
    let end = try chunk.withRawBytes { bytes throws(PostgresDecodingError) in
      try Self.endOfRow(in: bytes, from: start)
    }
    switch end {
    case .incomplete: return nil
    case .trailer:
      state = .complete
      offset = chunk.count
      return nil
    case .row(let end):
      offset = end
      return PostgresCopyRow(chunk: chunk, start: start)
    }
  }

  private enum RowEnd {
    case incomplete
    case trailer
    case row(end: Int)
  }

  private static func endOfRow(
    in bytes: UnsafeRawBufferPointer, from start: Int
  ) throws(PostgresDecodingError) -> RowEnd {
    guard bytes.count - start >= 2 else { return .incomplete }
    let columns = bytes.loadBigEndian(at: start, as: Int16.self)
    guard columns >= 0 else {
      guard columns == -1 else { throw .invalidCopyFormat }
      return .trailer
    }
    var end = start + 2
    for _ in 0..<columns {
      guard bytes.count - end >= 4 else { return .incomplete }
      let length = Int(bytes.loadBigEndian(at: end, as: Int32.self))
      guard length >= -1 else { throw .invalidCopyFormat }
      end += 4 + max(length, 0)
      guard end <= bytes.count else { return .incomplete }
    }
    return .row(end: end)
  }

  private mutating func takeHeader() throws(PostgresDecodingError) -> Bool {
    let header = chunk[offset...]
    guard header.starts(with: Self.signature.prefix(header.count)) else { throw .invalidCopyFormat }
    guard header.count >= Self.headerCount else { return false }
    let extensionCount = header.withUnsafeBytes { Int($0.loadBigEndian(at: 15, as: UInt32.self)) }
    guard header.count >= Self.headerCount + extensionCount else { return false }
    offset += Self.headerCount + extensionCount
    return true
  }
}

/// One row of a binary COPY. Shares its chunk's memory: keep decoded values rather than rows.
public struct PostgresCopyRow: Sendable {
  let chunk: [UInt8]
  let start: Int

  public var columnCount: Int {
    chunk.withUnsafeBytes { Int($0.loadBigEndian(at: start, as: Int16.self)) }
  }

  /// Reads a column, counted from zero. An `Optional` type takes NULL. The stream does not say which type a column has,
  /// so it must be the one asked for: only a wrong length is noticed.
  public func decode<Value: PostgresDecodable>(
    _ column: Int, as type: Value.Type = Value.self, file: String = #fileID, line: Int = #line
  ) throws(PostgresError) -> Value {
    do throws(PostgresDecodingError) {
      return try chunk.withRawBytes { bytes throws(PostgresDecodingError) in
        guard let cell = try cell(column, in: bytes) else { return try Value.decodeNull() }
        return try Value(binary: cell, type: .unspecified)
      }
    } catch {
      throw PostgresError("decode copy row", .decoding(error, column: String(column)), file: file, line: line)
    }
  }

  /// Calls the body with a column's bytes as they are, nil for NULL. They are only valid during the call.
  public func withBytes<Result>(
    _ column: Int, _ body: (UnsafeRawBufferPointer?) throws -> Result
  ) rethrows -> Result {
    try chunk.withUnsafeBytes { bytes in
      precondition(column >= 0 && column < columnCount, "column index out of range")
      return try body(try? cell(column, in: bytes))
    }
  }

  /// Steps over the columns before it; the parser has checked all lengths.
  private func cell(
    _ column: Int, in bytes: UnsafeRawBufferPointer
  ) throws(PostgresDecodingError) -> UnsafeRawBufferPointer? {
    let count = Int(bytes.loadBigEndian(at: start, as: Int16.self))
    guard column >= 0, column < count else { throw .noSuchColumnIndex(index: column, count: count) }
    var offset = start + 2
    for _ in 0..<column {
      offset += 4 + max(Int(bytes.loadBigEndian(at: offset, as: Int32.self)), 0)
    }
    let length = Int(bytes.loadBigEndian(at: offset, as: Int32.self))
    guard length >= 0 else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[offset + 4..<offset + 4 + length])
  }
}

extension [UInt8] {
  /// As `withUnsafeBytes`, which does not keep the error's type.
  fileprivate func withRawBytes<Value, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try withUnsafeBytes { bytes -> Result<Value, Failure> in
      do throws(Failure) { return .success(try body(bytes)) } catch { return .failure(error) }
    }.get()
  }
}
