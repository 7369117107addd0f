internal import Glibc

/// Tells whether bytes are JSON in canonical form (RFC 8785), as far as events use it: integers within ±(2^53−1), no
/// other numbers. It makes nothing of them, so it is much faster than to read and write them again.
public enum CanonicalJSON {
  public static func isCanonical(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { text in
      CanonicalJSONCheck.end(ofValueAt: 0, in: text) == text.count
    }
  }

  /// The elements of an array, as their bytes; nil when it is none in canonical form.
  public static func elements(ofArray bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
    guard bytes.first == UInt8(ascii: "["), bytes.count >= 2 else { return nil }
    if bytes.count == 2 { return bytes.last == UInt8(ascii: "]") ? [] : nil }
    return bytes.withUnsafeBufferPointer { text in
      var elements: [ArraySlice<UInt8>] = []
      var start = 1
      while let end = CanonicalJSONCheck.end(ofValueAt: start, in: text), end < text.count {
        elements.append(bytes[start..<end])
        if text[end] == UInt8(ascii: "]") { return end == text.count - 1 ? elements : nil }
        guard text[end] == UInt8(ascii: ",") else { return nil }
        start = end + 1
      }
      return nil
    }
  }
}

/// Passes over JSON in canonical form.
struct CanonicalJSONCheck {
  private let text: UnsafeBufferPointer<UInt8>
  private var offset: Int
  private var isASCII = true

  /// Where a value ends that begins at an offset; nil where there is none in canonical form.
  static func end(
    ofValueAt start: Int, depth: Int = 0, in text: UnsafeBufferPointer<UInt8>
  ) -> Int? {
    var check = CanonicalJSONCheck(text: text, offset: start)
    guard check.value(depth: depth) else { return nil }
    // Whether other than ASCII is text at all is asked once, of all of it.
    let value = UnsafeBufferPointer(rebasing: text[start..<check.offset])
    return check.isASCII || String(validating: value, as: UTF8.self) != nil ? check.offset : nil
  }

  private init(text: UnsafeBufferPointer<UInt8>, offset: Int) {
    self.text = text
    self.offset = offset
  }

  private mutating func value(depth: Int) -> Bool {
    guard depth < JSONParser.depthMax, offset < text.count else { return false }
    switch text[offset] {
    case UInt8(ascii: "\""): return string() != nil
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case UInt8(ascii: "t"): return literal("true")
    case UInt8(ascii: "f"): return literal("false")
    case UInt8(ascii: "n"): return literal("null")
    default: return integer()
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard offset < text.count, text[offset] == byte else { return false }
    offset += 1
    return true
  }

  private mutating func object(depth: Int) -> Bool {
    offset += 1
    if take(UInt8(ascii: "}")) { return true }
    var last: Text?
    while true {
      guard offset < text.count, text[offset] == UInt8(ascii: "\""), let key = string() else { return false }
      if let last, !isAscending(last, key) { return false }
      last = key
      guard take(UInt8(ascii: ":")), value(depth: depth + 1) else { return false }
      if take(UInt8(ascii: "}")) { return true }
      guard take(UInt8(ascii: ",")) else { return false }
    }
  }

  private mutating func array(depth: Int) -> Bool {
    offset += 1
    if take(UInt8(ascii: "]")) { return true }
    while true {
      guard value(depth: depth + 1) else { return false }
      if take(UInt8(ascii: "]")) { return true }
      guard take(UInt8(ascii: ",")) else { return false }
    }
  }

  /// The content of a string.
  private struct Text {
    let bytes: UnsafeBufferPointer<UInt8>
    /// ASCII without a backslash: what the bytes say is what they are.
    let isPlain: Bool
  }

  /// Passes over a string; returns its content.
  private mutating func string() -> Text? {
    let start = offset + 1
    guard let base = text.baseAddress, let quote = memchr(base + start, Int32(UInt8(ascii: "\"")), text.count - start)
    else { return nil }
    let end = UnsafeRawPointer(quote) - UnsafeRawPointer(base)
    let bytes = UnsafeBufferPointer(rebasing: text[start..<end])
    // As in `CanonicalJSONReader`: to look at all bytes takes a fraction of what it takes to stop at the first.
    var strange: UInt8 = 0
    for byte in bytes { strange |= (byte &- 0x20 < 0x60 ? 0 : 1) | (byte == UInt8(ascii: "\\") ? 1 : 0) }
    guard strange != 0 else {
      offset = end + 1
      return Text(bytes: bytes, isPlain: true)
    }
    return strangeString(from: start).map { Text(bytes: UnsafeBufferPointer(rebasing: text[$0]), isPlain: false) }
  }

  /// Passes over a string that has more in it than plain text, byte for byte; returns where its content stands.
  private mutating func strangeString(from start: Int) -> Range<Int>? {
    var index = start
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "\"") {
        offset = index + 1
        return start..<index
      }
      guard byte >= 0x20 else { return nil }
      if byte & 0x80 != 0 { isASCII = false }
      index += 1
      if byte == UInt8(ascii: "\\") {
        guard let length = escape(at: index) else { return nil }
        index += length
      }
    }
    return nil
  }

  /// The length of what follows a backslash, where it is the one way to write that character.
  private func escape(at index: Int) -> Int? {
    guard index < text.count else { return nil }
    switch text[index] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      return 1
    case UInt8(ascii: "u"):
      guard index + 4 < text.count, text[index + 1] == UInt8(ascii: "0"), text[index + 2] == UInt8(ascii: "0"),
        text[index + 3] == UInt8(ascii: "0") || text[index + 3] == UInt8(ascii: "1"),
        let low = Self.digit(text[index + 4])
      else { return nil }
      let code = (text[index + 3] - UInt8(ascii: "0")) << 4 | low
      // Those that have a short form are written in it.
      return [0x08, 0x09, 0x0A, 0x0C, 0x0D].contains(code) ? nil : 5
    default: return nil
    }
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  /// Keys stand in ascending order of their UTF-16 code units.
  private func isAscending(_ left: Text, _ right: Text) -> Bool {
    if left.isPlain, right.isPlain { return left.bytes.lexicographicallyPrecedes(right.bytes) }
    func key(_ key: Text) -> String? {
      (try? JSONParser.parse([UInt8(ascii: "\"")] + key.bytes + [UInt8(ascii: "\"")]))?.string
    }
    guard let first = key(left), let second = key(right) else { return false }
    return first.utf16.lexicographicallyPrecedes(second.utf16)
  }

  private mutating func literal(_ literal: StaticString) -> Bool {
    let end = offset + literal.utf8CodeUnitCount
    guard end <= text.count, UnsafeBufferPointer(rebasing: text[offset..<end]).elementsEqual(literal) else {
      return false
    }
    offset = end
    return true
  }

  private mutating func integer() -> Bool {
    let isNegative = take(UInt8(ascii: "-"))
    let start = offset
    var value: Int64 = 0
    while offset < text.count, let digit = text[offset].decimalDigit {
      value = value * 10 + Int64(digit)
      offset += 1
      guard value <= JSON.integerMax else { return false }
    }
    guard offset > start else { return false }
    // One spelling of every number: no zero in front, none with a sign.
    return text[start] != UInt8(ascii: "0") || offset == start + 1 && !isNegative
  }
}

extension UInt8 {
  fileprivate var decimalDigit: UInt8? {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= self ? self - UInt8(ascii: "0") : nil
  }
}
