internal import Glibc

/// Reads a canonical JSON object whose members are known beforehand, without making a tree of it.
///
/// Only for what this program wrote itself: keys stand in ascending order, there is no space, and texts are printable
/// ASCII without escapes.
struct CanonicalJSONReader {
  typealias Text = UnsafeBufferPointer<UInt8>

  private let text: Text
  private var offset = 0

  init(_ text: Text) { self.text = text }

  /// The text of the next member; nil when that is another member, or no plain text.
  mutating func string(_ key: StaticString) -> Text? {
    guard take(key), offset < text.count, text[offset] == UInt8(ascii: "\"") else { return nil }
    let start = offset + 1
    guard let base = text.baseAddress, let quote = memchr(base + start, Int32(UInt8(ascii: "\"")), text.count - start)
    else { return nil }
    let content = Text(rebasing: text[start..<start + (UnsafeRawPointer(quote) - UnsafeRawPointer(base + start))])
    // A backslash might hide a quote: then the text is longer than this, and not plain. All bytes are looked at, which
    // takes a fraction of what it takes to stop at the first.
    var strange: UInt8 = 0
    for byte in content { strange |= (byte &- 0x20 < 0x5F ? 0 : 1) | (byte == UInt8(ascii: "\\") ? 1 : 0) }
    guard strange == 0 else { return nil }
    offset = start + content.count + 1
    return content
  }

  /// The text of the next member if it is the one named.
  /// - Returns: a value of nil, and nothing is read, when it is another; nothing at all when it is no plain text.
  mutating func optionalString(_ key: StaticString) -> Text?? {
    var ahead = self
    guard ahead.take(key) else { return .some(nil) }
    guard let content = string(key) else { return nil }
    return content
  }

  /// The value of the next member, whatever it is.
  mutating func value(_ key: StaticString) -> JSON? {
    guard take(key), let (value, end) = try? JSONParser.value(in: text, at: offset) else { return nil }
    offset = end
    return value
  }

  /// Passes over the value of the next member, which must be canonical throughout; returns where it stands.
  mutating func range(_ key: StaticString) -> Range<Int>? {
    guard take(key), let end = CanonicalJSONCheck.end(ofValueAt: offset, depth: 1, in: text) else { return nil }
    defer { offset = end }
    return offset..<end
  }

  /// Whether the object and the text end here.
  var isAtEnd: Bool { offset == text.count - 1 && text[offset] == UInt8(ascii: "}") }

  /// Reads the bracket or comma, the key and its colon.
  private mutating func take(_ key: StaticString) -> Bool {
    let count = key.utf8CodeUnitCount
    guard text.count - offset > count + 4, text[offset] == UInt8(ascii: offset == 0 ? "{" : ","),
      text[offset + 1] == UInt8(ascii: "\""), text[offset + 2 + count] == UInt8(ascii: "\""),
      text[offset + 3 + count] == UInt8(ascii: ":"), let base = text.baseAddress,
      memcmp(base + offset + 2, key.utf8Start, count) == 0
    else { return false }
    offset += count + 4
    return true
  }
}

extension UnsafeBufferPointer<UInt8> {
  func elementsEqual(_ other: StaticString) -> Bool {
    elementsEqual(Self(start: other.utf8Start, count: other.utf8CodeUnitCount))
  }

  /// In one call, where a sequence's own goes from element to element.
  func elementsEqual(_ other: Self) -> Bool {
    guard count == other.count else { return false }
    guard let baseAddress, let otherAddress = other.baseAddress else { return true }
    return memcmp(baseAddress, otherAddress, count) == 0
  }

  /// The bytes after a beginning; nil when they begin otherwise.
  func dropping(_ beginning: StaticString) -> Self? {
    dropping(Self(start: beginning.utf8Start, count: beginning.utf8CodeUnitCount))
  }

  func dropping(_ beginning: Self) -> Self? {
    guard count >= beginning.count, Self(rebasing: self[..<beginning.count]).elementsEqual(beginning) else {
      return nil
    }
    return Self(rebasing: self[beginning.count...])
  }

  /// A number from 0 in decimal digits only; nil for anything else.
  var decimal: Int64? {
    guard (1...18).contains(count) else { return nil }
    var value: Int64 = 0
    for byte in self {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    return value
  }
}

extension UnsafeRawBufferPointer {
  public func ends(with ending: [UInt8]) -> Bool {
    guard count >= ending.count, let baseAddress else { return ending.isEmpty }
    return memcmp(baseAddress + count - ending.count, ending, ending.count) == 0
  }

  /// Where a byte stands first, from an offset on that is at most `count`.
  public func firstIndex(of byte: UInt8, from start: Int) -> Int? {
    guard let baseAddress, let found = memchr(baseAddress + start, Int32(byte), count - start) else { return nil }
    return UnsafeRawPointer(found) - baseAddress
  }
}
