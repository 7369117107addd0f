/// Why a text is not acceptable JSON, and where.
public struct JSONParserError: Error, Hashable, Sendable {
  /// What is wrong; the raw value is part of the public problem report.
  public enum Reason: String, Sendable {
    case unexpectedEnd = "unexpected-end"
    case unexpectedCharacter = "unexpected-character"
    case trailingCharacters = "trailing-characters"
    case duplicateKey = "duplicate-key"
    case tooDeep = "too-deep"
    case tooManyMembers = "too-many-members"
    case notAnInteger = "not-an-integer"
    case integerOutOfRange = "integer-out-of-range"
    case invalidUTF8 = "invalid-utf8"
    case invalidEscape = "invalid-escape"
    case controlCharacter = "control-character"
    case empty = "empty-body"
  }

  public let reason: Reason
  /// Byte offset of the first byte that could not be accepted; for a number out of range and for invalid UTF-8, where
  /// the number or the text of the string begins.
  public let offset: Int
  /// The key that stands twice, for `duplicateKey`.
  public let key: String?
}

/// The one strict JSON parser at the edge (RFC 8259 narrowed to I-JSON, RFC 7493, and to integers).
///
/// It refuses duplicate keys, depth over `depthMax`, floats, integers beyond 2^53−1, invalid UTF-8 and lone surrogates.
/// The caller bounds the size of the input before parsing; the parser reads every byte once.
public struct JSONParser {
  /// Nesting deeper than this is refused. The deepest document of ours, a list of commands, needs five.
  public static let depthMax = 32
  /// More members in one object are refused, so that looking for duplicate keys stays cheap. Ours have at most twenty.
  public static let memberCountMax = 256

  private let text: UnsafeBufferPointer<UInt8>
  private var offset = 0

  /// Parses a whole document.
  public static func parse(_ bytes: [UInt8]) throws(JSONParserError) -> JSON {
    let result = bytes.withUnsafeBufferPointer { text -> Result<JSON, JSONParserError> in
      var parser = JSONParser(text: text)
      do throws(JSONParserError) { return .success(try parser.document()) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// Parses one value inside a text, from an offset on.
  static func value(
    in text: UnsafeBufferPointer<UInt8>, at offset: Int
  ) throws(JSONParserError) -> (value: JSON, end: Int) {
    var parser = JSONParser(text: text)
    parser.offset = offset
    let value = try parser.value(depth: 0)
    return (value, parser.offset)
  }

  private init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

  private mutating func document() throws(JSONParserError) -> JSON {
    skipSpace()
    guard offset < text.count else { throw error(.empty) }
    let value = try value(depth: 0)
    skipSpace()
    guard offset == text.count else { throw error(.trailingCharacters) }
    return value
  }

  private mutating func value(depth: Int) throws(JSONParserError) -> JSON {
    guard depth < Self.depthMax else { throw error(.tooDeep) }
    switch try peek() {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return .integer(try number())
    }
  }

  private mutating func object(depth: Int) throws(JSONParserError) -> JSON {
    offset += 1
    var members: [JSON.Member] = []
    skipSpace()
    if try peek() == UInt8(ascii: "}") {
      offset += 1
      return .object(members)
    }
    while true {
      skipSpace()
      let keyOffset = offset
      guard try peek() == UInt8(ascii: "\"") else { throw error(.unexpectedCharacter) }
      let key = try string()
      guard !isKnown(key, among: members) else {
        throw JSONParserError(reason: .duplicateKey, offset: keyOffset, key: key)
      }
      guard members.count < Self.memberCountMax else { throw error(.tooManyMembers) }
      skipSpace()
      guard try peek() == UInt8(ascii: ":") else { throw error(.unexpectedCharacter) }
      offset += 1
      skipSpace()
      members.append(JSON.Member(key, try value(depth: depth + 1)))
      skipSpace()
      switch try peek() {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "}"):
        offset += 1
        return .object(members)
      default: throw error(.unexpectedCharacter)
      }
    }
  }

  /// Compares the UTF-8 bytes: Swift's `==` on strings would call canonically equivalent keys equal.
  private func isKnown(_ key: String, among members: [JSON.Member]) -> Bool {
    members.contains { $0.key.utf8.count == key.utf8.count && $0.key.utf8.elementsEqual(key.utf8) }
  }

  private mutating func array(depth: Int) throws(JSONParserError) -> JSON {
    offset += 1
    var elements: [JSON] = []
    skipSpace()
    if try peek() == UInt8(ascii: "]") {
      offset += 1
      return .array(elements)
    }
    while true {
      skipSpace()
      elements.append(try value(depth: depth + 1))
      skipSpace()
      switch try peek() {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "]"):
        offset += 1
        return .array(elements)
      default: throw error(.unexpectedCharacter)
      }
    }
  }

  private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONParserError) -> JSON {
    for index in 0..<word.utf8CodeUnitCount {
      guard try peek() == word.utf8Start[index] else { throw error(.unexpectedCharacter) }
      offset += 1
    }
    return value
  }

  private mutating func number() throws(JSONParserError) -> Int64 {
    let start = offset
    var isNegative = false
    if try peek() == UInt8(ascii: "-") {
      isNegative = true
      offset += 1
    }
    guard isDigit(try peek()) else { throw error(.unexpectedCharacter) }
    if text[offset] == UInt8(ascii: "0"), offset + 1 < text.count, isDigit(text[offset + 1]) {
      throw error(.unexpectedCharacter)
    }
    var magnitude: Int64 = 0
    while offset < text.count, isDigit(text[offset]) {
      magnitude = magnitude * 10 + Int64(text[offset] - UInt8(ascii: "0"))
      guard magnitude <= JSON.integerMax else {
        throw JSONParserError(reason: .integerOutOfRange, offset: start, key: nil)
      }
      offset += 1
    }
    if offset < text.count, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(text[offset]) {
      throw JSONParserError(reason: .notAnInteger, offset: start, key: nil)
    }
    return isNegative ? -magnitude : magnitude
  }

  private mutating func string() throws(JSONParserError) -> String {
    offset += 1
    let start = offset
    while offset < text.count {
      let byte = text[offset]
      if byte == UInt8(ascii: "\"") {
        let value = try validated(UnsafeBufferPointer(rebasing: text[start..<offset]), at: start)
        offset += 1
        return value
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      guard byte >= 0x20 else { throw error(.controlCharacter) }
      offset += 1
    }
    throw error(.unexpectedEnd)
  }

  private mutating func escapedString(from start: Int) throws(JSONParserError) -> String {
    var bytes = Array(text[start..<offset])
    while offset < text.count {
      let byte = text[offset]
      switch byte {
      case UInt8(ascii: "\""):
        let result = bytes.withUnsafeBufferPointer { content -> Result<String, JSONParserError> in
          do throws(JSONParserError) { return .success(try validated(content, at: start)) } catch {
            return .failure(error)
          }
        }
        offset += 1
        return try result.get()
      case UInt8(ascii: "\\"):
        offset += 1
        try escape(into: &bytes)
      case 0..<0x20: throw error(.controlCharacter)
      default:
        bytes.append(byte)
        offset += 1
      }
    }
    throw error(.unexpectedEnd)
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(JSONParserError) {
    let letter = try peek()
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"): bytes.append(contentsOf: Array(String(try unicodeEscape()).utf8))
    default:
      offset -= 1
      throw error(.invalidEscape)
    }
  }

  private mutating func unicodeEscape() throws(JSONParserError) -> Unicode.Scalar {
    let first = try codeUnit()
    guard UTF16.isLeadSurrogate(first) else {
      guard let scalar = Unicode.Scalar(first) else { throw error(.invalidEscape) }
      return scalar
    }
    guard try peek() == UInt8(ascii: "\\") else { throw error(.invalidEscape) }
    offset += 1
    guard try peek() == UInt8(ascii: "u") else { throw error(.invalidEscape) }
    offset += 1
    let second = try codeUnit()
    guard UTF16.isTrailSurrogate(second) else { throw error(.invalidEscape) }
    let value = 0x10000 + (UInt32(first & 0x3FF) << 10) + UInt32(second & 0x3FF)
    guard let scalar = Unicode.Scalar(value) else { throw error(.invalidEscape) }
    return scalar
  }

  private mutating func codeUnit() throws(JSONParserError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Hexadecimal.value(of: try peek()) else { throw error(.invalidEscape) }
      unit = unit << 4 | UInt16(digit)
      offset += 1
    }
    return unit
  }

  private func validated(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws(JSONParserError) -> String {
    // Most texts are ASCII. The general way looks up types at run time, which takes longer than the text itself.
    if bytes.reduce(0, |) < 0x80 { return String(decoding: bytes, as: UTF8.self) }
    guard let value = String(validating: bytes, as: UTF8.self) else {
      throw JSONParserError(reason: .invalidUTF8, offset: start, key: nil)
    }
    return value
  }

  private func peek() throws(JSONParserError) -> UInt8 {
    guard offset < text.count else { throw error(.unexpectedEnd) }
    return text[offset]
  }

  private mutating func skipSpace() {
    while offset < text.count {
      switch text[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private func error(_ reason: JSONParserError.Reason) -> JSONParserError {
    JSONParserError(reason: reason, offset: offset, key: nil)
  }
}
