extension Bool: PostgresEncodable, PostgresDecodable {
  package static var postgresType: PostgresType { .bool }
  package static var postgresArrayType: PostgresType { .boolArray }
  package var postgresByteCountHint: Int { 1 }
  package func encode(into buffer: inout [UInt8]) { buffer.append(self ? 1 : 0) }

  package init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    guard type == .bool || type == .unspecified else { throw .typeMismatch(expected: .bool, actual: type) }
    guard binary.count == 1 else { throw .invalidLength(type: .bool, actual: binary.count) }
    self = binary[0] != 0
  }
}

/// `Double` travels as float8; float4 is read as well.
extension Double: PostgresEncodable, PostgresDecodable {
  package static var postgresType: PostgresType { .float8 }
  package static var postgresArrayType: PostgresType { .float8Array }
  package var postgresByteCountHint: Int { 8 }
  package func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(bitPattern) }
  package static func encodeElements(_ elements: [Double], into buffer: inout [UInt8]) {
    UInt64.encodeFixedWidth(elements, into: &buffer) { $0.bitPattern }
  }

  package init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    switch (type, binary.count) {
    case (.float8, 8), (.unspecified, 8):
      self = Double(bitPattern: binary.loadBigEndian(at: 0, as: UInt64.self))
    case (.float4, 4), (.unspecified, 4):
      self = Double(Float(bitPattern: binary.loadBigEndian(at: 0, as: UInt32.self)))
    case (.float8, _), (.float4, _), (.unspecified, _): throw .invalidLength(type: type, actual: binary.count)
    default: throw .typeMismatch(expected: .float8, actual: type)
    }
  }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
  package static var postgresType: PostgresType { Wrapped.postgresType }
  package static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
  package var isPostgresNull: Bool { self?.isPostgresNull ?? true }
  package var postgresByteCountHint: Int { self?.postgresByteCountHint ?? 0 }
  package func encode(into buffer: inout [UInt8]) throws(PostgresEncodingError) {
    if let self { try self.encode(into: &buffer) }
  }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  package init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    self = .some(try Wrapped(binary: binary, type: type))
  }

  package static func decodeNull() -> Wrapped? { .none }
}
