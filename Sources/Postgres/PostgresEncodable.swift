/// A value that can be sent as a statement parameter, in PostgreSQL's binary format.
///
/// A conformance outside this module needs three members, for example for a 16-byte identifier:
///
///     extension PlanID: PostgresEncodable {
///       static var postgresType: PostgresType { .uuid }
///       static var postgresArrayType: PostgresType { .uuidArray }
///       func encode(into buffer: inout [UInt8]) { buffer.append(contentsOf: bytes) }
///     }
///
/// The others have defaults that suit every type that is never NULL.
public protocol PostgresEncodable: Sendable {
  /// The type the parameter is declared as; the server converts nothing from text.
  static var postgresType: PostgresType { get }
  /// The type of a one-dimensional array of this type, used by ``PostgresArray``.
  static var postgresArrayType: PostgresType { get }
  /// Whether this value is SQL's NULL; then `encode(into:)` is not called.
  var isPostgresNull: Bool { get }
  /// About how many bytes the value takes: space is reserved by it, correctness never depends on it.
  var postgresByteCountHint: Int { get }
  /// Appends exactly the value's binary form, without a length before it, and changes nothing already in the buffer.
  func encode(into buffer: inout [UInt8]) throws(PostgresEncodingError)
  /// Appends array elements, each with its length before it. The default calls `encode(into:)` for each.
  static func encodeElements(_ elements: [Self], into buffer: inout [UInt8]) throws(PostgresEncodingError)
}

/// Why a value cannot be sent.
public enum PostgresEncodingError: Error, Hashable, Sendable {
  /// PostgreSQL text cannot hold the character NUL. It stands at this byte of the text.
  case nulInText(byteOffset: Int)
  /// The value is outside the range of the named type.
  case outOfRange(type: PostgresType)
  /// All parameters together, or one value, exceed what the protocol's 32-bit lengths can say.
  case tooLarge(byteCount: Int)
  /// The protocol counts parameters with 16 bits.
  case tooManyParameters(count: Int)
}

extension PostgresEncodable {
  public var isPostgresNull: Bool { false }
  public var postgresByteCountHint: Int { 16 }

  public static func encodeElements(
    _ elements: [Self], into buffer: inout [UInt8]
  ) throws(PostgresEncodingError) {
    for element in elements {
      if element.isPostgresNull {
        buffer.appendBigEndian(Int32(-1))
        continue
      }
      let lengthOffset = buffer.count
      buffer.appendBigEndian(Int32(0))
      try element.encode(into: &buffer)
      try buffer.setLength(at: lengthOffset)
    }
  }
}

extension [UInt8] {
  /// Appends an integer in network byte order.
  public mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  /// Writes the number of bytes that follow the four at `offset` into them.
  public mutating func setLength(at offset: Int) throws(PostgresEncodingError) {
    let length = count - offset - 4
    guard let encoded = Int32(exactly: length) else { throw .tooLarge(byteCount: length) }
    withUnsafeMutableBytes { $0.storeBytes(of: encoded.bigEndian, toByteOffset: offset, as: Int32.self) }
  }
}
