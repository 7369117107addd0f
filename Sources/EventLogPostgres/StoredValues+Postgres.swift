public import EventSourcing
public import Postgres

extension EntityID: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .uuid }
  public static var postgresArrayType: PostgresType { .uuidArray }

  public func encode(into buffer: inout [UInt8]) {
    buffer.appendBigEndian(high)
    buffer.appendBigEndian(low)
  }

  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    guard binary.count == 16 else { throw .invalidLength(type: type, actual: binary.count) }
    self.init(bytes: binary)
  }
}

extension Timestamp {
  public init(_ timestamp: PostgresTimestamp) {
    self.init(microsecondsSinceEpoch: timestamp.microsecondsSinceUnixEpoch)
  }
}

extension PostgresTimestamp {
  public init(_ timestamp: Timestamp) { self.init(microsecondsSinceUnixEpoch: timestamp.microsecondsSinceEpoch) }
}

extension StoredEvent {
  init(_ row: PostgresRow) throws {
    self.init(
      position: Position(try row.decode(0)), type: try row.decode(1), subject: try row.decode(2),
      effectiveDate: LocalDate(daysSinceEpoch: try row.decode(3, as: PostgresDate.self).daysSinceUnixEpoch),
      recordedAt: Timestamp(try row.decode(4)), body: try row.decode(5), leafHash: try row.decode(6))
  }
}

extension StoredCheckpoint {
  init(_ row: PostgresRow) throws {
    self.init(
      epoch: Int(try row.decode(0, as: Int32.self)), size: LogSize(try row.decode(1)), root: try row.decode(2),
      note: try row.decode(3))
  }
}

extension EventLogFailure {
  init(_ error: PostgresError) {
    let kind: Kind =
      if error.outcomeUnknown {
        .outcomeUnknown
      } else if error.sqlState == "53100" {
        .full
      } else if case .cancelled = error.kind {
        .cancelled
      } else if error.isUnavailable || error.sqlState?.hasPrefix("40") == true {
        .unavailable
      } else {
        .broken
      }
    self.init(kind, "\(error)", error)
  }
}
