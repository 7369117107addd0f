/// All rows of one statement, as the server sent them. Values are decoded when they are asked for; nothing is copied
/// before.
public struct PostgresRows: Sendable {
  let result: LibPQResult

  init(_ result: LibPQResult) {
    self.result = result
  }

  /// The number of rows returned.
  public var count: Int { result.rowCount }
  public var isEmpty: Bool { result.rowCount == 0 }
  /// How many rows were inserted, updated, deleted, selected or copied, by the server's count.
  public var affectedRows: Int { result.affectedRows }
  /// The server's completion tag, such as `INSERT 0 5`.
  public var commandTag: String { result.commandTag }
  /// The columns' names in order.
  public var columnNames: [String] { (0..<result.columnCount).map { result.columnName($0) } }

  /// The row at an index below `count`.
  public subscript(index: Int) -> PostgresRow {
    precondition(index >= 0 && index < count, "row index out of range")
    return PostgresRow(result: result, index: index)
  }

  /// The first row, if there is one.
  public var first: PostgresRow? { isEmpty ? nil : self[0] }
}

extension PostgresRows: Sequence {
  public func makeIterator() -> Iterator { Iterator(result: result) }

  public struct Iterator: IteratorProtocol {
    let result: LibPQResult
    var index = 0

    public mutating func next() -> PostgresRow? {
      guard index < result.rowCount else { return nil }
      defer { index += 1 }
      return PostgresRow(result: result, index: index)
    }
  }
}

/// One row of a result; keeps the whole result alive.
public struct PostgresRow: Sendable {
  let result: LibPQResult
  let index: Int

  public var columnCount: Int { result.columnCount }

  /// Reads a column, counted from zero. An `Optional` type takes NULL.
  public func decode<Value: PostgresDecodable>(
    _ column: Int, as type: Value.Type = Value.self, file: String = #fileID, line: Int = #line
  ) throws(PostgresError) -> Value {
    do throws(PostgresDecodingError) {
      return try value(column)
    } catch {
      let name = column >= 0 && column < columnCount ? result.columnName(column) : String(column)
      throw Self.error(error, column: name, file, line)
    }
  }

  /// Reads the first column of this name, compared exactly. Looking the name up costs a comparison per column: inside
  /// long loops use indices.
  public func decode<Value: PostgresDecodable>(
    _ column: String, as type: Value.Type = Value.self, file: String = #fileID, line: Int = #line
  ) throws(PostgresError) -> Value {
    guard let index = result.columnIndex(named: column) else {
      throw Self.error(.noSuchColumn(name: column), column: column, file, line)
    }
    return try decode(index, as: type, file: file, line: line)
  }

  /// Calls the body with a column's bytes as they are, nil for NULL. They are only valid during the call.
  public func withBytes<Result>(
    _ column: Int, _ body: (UnsafeRawBufferPointer?) throws -> Result
  ) rethrows -> Result {
    precondition(column >= 0 && column < columnCount, "column index out of range")
    return try withExtendedLifetime(result) { try body(result.cell(row: index, column: column)) }
  }

  private func value<Value: PostgresDecodable>(_ column: Int) throws(PostgresDecodingError) -> Value {
    guard column >= 0, column < result.columnCount else {
      throw .noSuchColumnIndex(index: column, count: result.columnCount)
    }
    defer { withExtendedLifetime(result) {} }
    guard let cell = result.cell(row: index, column: column) else { return try Value.decodeNull() }
    return try Value(binary: cell, type: result.columnType(column))
  }

  private static func error(
    _ error: PostgresDecodingError, column: String, _ file: String, _ line: Int
  ) -> PostgresError {
    PostgresError("decode row", .decoding(error, column: column), file: file, line: line)
  }
}
