/// A calendar day, as in a `date` column.
///
/// The server's infinities are not representable and fail to decode.
public struct PostgresDate: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01 in the proleptic Gregorian calendar.
  public var daysSinceUnixEpoch: Int32

  public init(daysSinceUnixEpoch: Int32) {
    self.daysSinceUnixEpoch = daysSinceUnixEpoch
  }

  public static func < (left: PostgresDate, right: PostgresDate) -> Bool {
    left.daysSinceUnixEpoch < right.daysSinceUnixEpoch
  }

  /// PostgreSQL counts from 2000-01-01.
  private static let daysFrom1970To2000: Int32 = 10957
}

extension PostgresDate: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .date }
  public static var postgresArrayType: PostgresType { .dateArray }
  public var postgresByteCountHint: Int { 4 }

  public func encode(into buffer: inout [UInt8]) throws(PostgresEncodingError) {
    let (value, overflow) = daysSinceUnixEpoch.subtractingReportingOverflow(Self.daysFrom1970To2000)
    // Int32.min would be read as -infinity.
    guard !overflow, value != .min else { throw .outOfRange(type: .date) }
    buffer.appendBigEndian(value)
  }

  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    guard type == .date || type == .unspecified else { throw .typeMismatch(expected: .date, actual: type) }
    let value = try binary.decodeBigEndian(as: Int32.self, of: .date)
    let (days, overflow) = value.addingReportingOverflow(Self.daysFrom1970To2000)
    guard !overflow, value != .min else { throw .invalidValue(type: .date) }
    daysSinceUnixEpoch = days
  }
}
