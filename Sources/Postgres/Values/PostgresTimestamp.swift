/// An instant with microseconds, as in a `timestamptz` column.
///
/// The server's infinities and instants outside `Int64` microseconds of 1970 are not representable and fail to decode.
public struct PostgresTimestamp: Hashable, Comparable, Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
  public var microsecondsSinceUnixEpoch: Int64

  public init(microsecondsSinceUnixEpoch: Int64) {
    self.microsecondsSinceUnixEpoch = microsecondsSinceUnixEpoch
  }

  public static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
    left.microsecondsSinceUnixEpoch < right.microsecondsSinceUnixEpoch
  }

  /// PostgreSQL counts from 2000-01-01.
  private static let microsecondsFrom1970To2000: Int64 = 946_684_800_000_000
}

extension PostgresTimestamp: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .timestamptz }
  public static var postgresArrayType: PostgresType { .timestamptzArray }
  public var postgresByteCountHint: Int { 8 }

  public func encode(into buffer: inout [UInt8]) throws(PostgresEncodingError) {
    let (value, overflow) = microsecondsSinceUnixEpoch.subtractingReportingOverflow(Self.microsecondsFrom1970To2000)
    // Int64.min would be read as -infinity.
    guard !overflow, value != .min else { throw .outOfRange(type: .timestamptz) }
    buffer.appendBigEndian(value)
  }

  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    guard type == .timestamptz || type == .timestamp || type == .unspecified else {
      throw .typeMismatch(expected: .timestamptz, actual: type)
    }
    let value = try binary.decodeBigEndian(as: Int64.self, of: .timestamptz)
    let (microseconds, overflow) = value.addingReportingOverflow(Self.microsecondsFrom1970To2000)
    guard !overflow, value != .min else { throw .invalidValue(type: .timestamptz) }
    microsecondsSinceUnixEpoch = microseconds
  }
}
