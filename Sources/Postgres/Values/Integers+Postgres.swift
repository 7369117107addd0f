extension FixedWidthInteger {
  /// Reads int2, int4, int8 or oid into any integer that holds the value; a COPY row tells the width only.
  init(
    postgresBinary binary: UnsafeRawBufferPointer, type: PostgresType, expected: PostgresType
  ) throws(PostgresDecodingError) {
    let wide: Int64
    switch (type, binary.count) {
    case (.int8, 8), (.unspecified, 8): wide = Int64(binary.loadBigEndian(at: 0, as: Int64.self))
    case (.int4, 4), (.unspecified, 4): wide = Int64(binary.loadBigEndian(at: 0, as: Int32.self))
    case (.int2, 2), (.unspecified, 2): wide = Int64(binary.loadBigEndian(at: 0, as: Int16.self))
    case (.oid, 4): wide = Int64(binary.loadBigEndian(at: 0, as: UInt32.self))
    case (.int8, _), (.int4, _), (.int2, _), (.oid, _), (.unspecified, _):
      throw .invalidLength(type: type, actual: binary.count)
    default: throw .typeMismatch(expected: expected, actual: type)
    }
    guard let value = Self(exactly: wide) else { throw .invalidValue(type: expected) }
    self = value
  }

  /// Appends elements of one width with their lengths before them, writing each byte once.
  static func encodeFixedWidth<Element>(
    _ elements: [Element], into buffer: inout [UInt8], value: (Element) -> Self
  ) {
    let width = MemoryLayout<Self>.size
    var offset = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: elements.count * (4 + width)))
    buffer.withUnsafeMutableBytes { bytes in
      for element in elements {
        bytes.storeBytes(of: Int32(width).bigEndian, toByteOffset: offset, as: Int32.self)
        bytes.storeBytes(of: value(element).bigEndian, toByteOffset: offset + 4, as: Self.self)
        offset += 4 + width
      }
    }
  }
}

extension Int64: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .int8 }
  public static var postgresArrayType: PostgresType { .int8Array }
  public var postgresByteCountHint: Int { 8 }
  public func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(self) }
  public static func encodeElements(_ elements: [Int64], into buffer: inout [UInt8]) {
    encodeFixedWidth(elements, into: &buffer) { $0 }
  }
  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    try self.init(postgresBinary: binary, type: type, expected: .int8)
  }
}

/// `Int` travels as int8.
extension Int: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .int8 }
  public static var postgresArrayType: PostgresType { .int8Array }
  public var postgresByteCountHint: Int { 8 }
  public func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(Int64(self)) }
  public static func encodeElements(_ elements: [Int], into buffer: inout [UInt8]) {
    Int64.encodeFixedWidth(elements, into: &buffer) { Int64($0) }
  }
  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    try self.init(postgresBinary: binary, type: type, expected: .int8)
  }
}

extension Int32: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .int4 }
  public static var postgresArrayType: PostgresType { .int4Array }
  public var postgresByteCountHint: Int { 4 }
  public func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(self) }
  public static func encodeElements(_ elements: [Int32], into buffer: inout [UInt8]) {
    encodeFixedWidth(elements, into: &buffer) { $0 }
  }
  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    try self.init(postgresBinary: binary, type: type, expected: .int4)
  }
}

extension Int16: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .int2 }
  public static var postgresArrayType: PostgresType { .int2Array }
  public var postgresByteCountHint: Int { 2 }
  public func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(self) }
  public static func encodeElements(_ elements: [Int16], into buffer: inout [UInt8]) {
    encodeFixedWidth(elements, into: &buffer) { $0 }
  }
  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    try self.init(postgresBinary: binary, type: type, expected: .int2)
  }
}
