extension Bool: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .bool }
  public static var postgresArrayType: PostgresType { .boolArray }
  public var postgresByteCountHint: Int { 1 }
  public func encode(into buffer: inout [UInt8]) { buffer.append(self ? 1 : 0) }

  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    guard type == .bool || type == .unspecified else { throw .typeMismatch(expected: .bool, actual: type) }
    guard binary.count == 1 else { throw .invalidLength(type: .bool, actual: binary.count) }
    self = binary[0] != 0
  }
}

/// `Double` travels as float8; float4 is read as well.
extension Double: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .float8 }
  public static var postgresArrayType: PostgresType { .float8Array }
  public var postgresByteCountHint: Int { 8 }
  public func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(bitPattern) }
  public static func encodeElements(_ elements: [Double], into buffer: inout [UInt8]) {
    UInt64.encodeFixedWidth(elements, into: &buffer) { $0.bitPattern }
  }

  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
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
  public static var postgresType: PostgresType { Wrapped.postgresType }
  public static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
  public var isPostgresNull: Bool { self?.isPostgresNull ?? true }
  public var postgresByteCountHint: Int { self?.postgresByteCountHint ?? 0 }
  public func encode(into buffer: inout [UInt8]) throws(PostgresEncodingError) {
    if let self { try self.encode(into: &buffer) }
  }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    self = .some(try Wrapped(binary: binary, type: type))
  }

  public static func decodeNull() -> Wrapped? { .none }
}
