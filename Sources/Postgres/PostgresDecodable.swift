/// A value that can be read from a result column, in PostgreSQL's binary format.
public protocol PostgresDecodable {
  /// Reads the value. `type` is what the server declared for the column, or `.unspecified` in a COPY row.
  ///
  /// The bytes are only valid during the call.
  init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError)
  /// The value that stands for SQL's NULL; the default throws `unexpectedNull`.
  static func decodeNull() throws(PostgresDecodingError) -> Self
}

/// Why a column cannot be read as the type asked for.
public enum PostgresDecodingError: Error, Hashable, Sendable {
  /// The column is NULL; decode an `Optional` where that can happen.
  case unexpectedNull
  /// The server declared another type than the one asked for.
  case typeMismatch(expected: PostgresType, actual: PostgresType)
  /// The bytes have a length that the type cannot have.
  case invalidLength(type: PostgresType, actual: Int)
  /// The bytes do not form a value of the type, such as broken UTF-8 or an infinite timestamp.
  case invalidValue(type: PostgresType)
  /// The row has no column of this name.
  case noSuchColumn(name: String)
  /// The row has fewer columns.
  case noSuchColumnIndex(index: Int, count: Int)
  /// A COPY stream is not in binary format, or broken.
  case invalidCopyFormat
}

extension PostgresDecodable {
  public static func decodeNull() throws(PostgresDecodingError) -> Self {
    throw .unexpectedNull
  }
}

extension UnsafeRawBufferPointer {
  /// Reads the whole buffer as an integer in network byte order.
  public func decodeBigEndian<Value: FixedWidthInteger>(
    as type: Value.Type = Value.self, of postgresType: PostgresType
  ) throws(PostgresDecodingError) -> Value {
    guard count == MemoryLayout<Value>.size else { throw .invalidLength(type: postgresType, actual: count) }
    return Value(bigEndian: loadUnaligned(as: Value.self))
  }

  /// Reads an integer in network byte order; the caller has checked the bounds.
  func loadBigEndian<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type = Value.self) -> Value {
    Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
  }
}
