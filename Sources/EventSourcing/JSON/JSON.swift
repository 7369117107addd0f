/// A JSON value restricted to what Federwerk stores and accepts: integers within ±(2^53−1), no floats.
///
/// Only views show other numbers, and they only write them: the parser never yields a `decimal`, and the fields of
/// commands and events accept none. Objects keep the order of their source; the parser has already refused duplicate
/// keys, so a lookup by key is unique.
public enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case decimal(Millionths)
  case string(String)
  case array([JSON])
  case object([Member])

  /// One key with its value.
  public struct Member: Hashable, Sendable {
    public let key: String
    public let value: JSON

    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// The largest magnitude an integer may have, 2^53−1: what every JSON implementation can hold exactly (RFC 7493
  /// §2.2).
  public static let integerMax: Int64 = 9_007_199_254_740_991

  /// The value of `key`, or nil when this is not an object or has no such key.
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  public var members: [Member]? { if case .object(let value) = self { value } else { nil } }

  /// What kind of value this is, in the words of a problem report.
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .decimal: "a number with decimal places"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The canonical bytes (RFC 8785) of this value.
  public var canonicalBytes: [UInt8] {
    var writer = CanonicalJSONWriter()
    writer.write(self)
    return writer.bytes
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0.0, $0.1) }) }
  public init(nilLiteral: ()) { self = .null }
}
