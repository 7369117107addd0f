import Glibc

/// A byte array travels as bytea. Reading also takes any text type, as its UTF-8 bytes, and jsonb without its version
/// byte.
extension Array: PostgresEncodable where Element == UInt8 {
  public static var postgresType: PostgresType { .bytea }
  public static var postgresArrayType: PostgresType { .byteaArray }
  public var postgresByteCountHint: Int { count }
  public func encode(into buffer: inout [UInt8]) { buffer.append(contentsOf: self) }
  public static func encodeElements(
    _ elements: [[UInt8]], into buffer: inout [UInt8]
  ) throws(PostgresEncodingError) {
    for element in elements {
      guard let length = Int32(exactly: element.count) else { throw .tooLarge(byteCount: element.count) }
      buffer.appendBigEndian(length)
      buffer.append(contentsOf: element)
    }
  }
}

extension Array: PostgresDecodable where Element == UInt8 {
  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    switch type {
    case .bytea, .unspecified: self.init(binary)
    default: self.init(try binary.textBytes(of: type, expected: .bytea))
    }
  }
}

/// Text travels as UTF-8. A NUL character is refused before anything is sent. Reading takes every type whose binary
/// form is its text: text, varchar, name, json, jsonb and user-defined enums.
extension String: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .text }
  public static var postgresArrayType: PostgresType { .textArray }
  public var postgresByteCountHint: Int { utf8.count }

  public func encode(into buffer: inout [UInt8]) throws(PostgresEncodingError) {
    var text = self
    let nulOffset = text.withUTF8 { utf8 -> Int? in
      if let nul = utf8.firstNul { return nul }
      buffer.append(contentsOf: utf8)
      return nil
    }
    if let nulOffset { throw .nulInText(byteOffset: nulOffset) }
  }

  public static func encodeElements(
    _ elements: [String], into buffer: inout [UInt8]
  ) throws(PostgresEncodingError) {
    for element in elements {
      let lengthOffset = buffer.count
      buffer.appendBigEndian(Int32(0))
      try element.encode(into: &buffer)
      try buffer.setLength(at: lengthOffset)
    }
  }

  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    let bytes = type == .unspecified ? binary : try binary.textBytes(of: type, expected: .text)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidValue(type: .text) }
    self = text
  }
}

extension UnsafeRawBufferPointer {
  /// The UTF-8 bytes of a value whose type is text in binary form too.
  fileprivate func textBytes(
    of type: PostgresType, expected: PostgresType
  ) throws(PostgresDecodingError) -> UnsafeRawBufferPointer {
    switch type {
    case .text, .varchar, .bpchar, .name, .json, .unknown, .char, .void: return self
    case .jsonb:
      guard let version = first, version == 1 else { throw .invalidValue(type: .jsonb) }
      return UnsafeRawBufferPointer(rebasing: dropFirst())
    case let type where type.rawValue >= PostgresType.firstUserDefined: return self
    default: throw .typeMismatch(expected: expected, actual: type)
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The offset of the first NUL byte.
  fileprivate var firstNul: Int? {
    guard let baseAddress, let nul = memchr(baseAddress, 0, count) else { return nil }
    return UnsafeRawPointer(nul) - UnsafeRawPointer(baseAddress)
  }
}
