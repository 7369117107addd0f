#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Standard padded base64 (RFC 4648 §4).
enum Base64 {
  static func encode(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString()
  }

  /// Refuses every spelling but the one that `encode` gives, so that a parsed file has exactly one set of bytes.
  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    guard let data = Data(base64Encoded: String(text)), data.base64EncodedString().utf8.elementsEqual(text.utf8) else {
      return nil
    }
    return Array(data)
  }
}

/// Lower-case hexadecimal digits, two for each byte.
enum Hexadecimal {
  static func encode(_ bytes: some Collection<UInt8>) -> String {
    String(unsafeUninitializedCapacity: 2 * bytes.count) { buffer in
      var index = 0
      for byte in bytes {
        buffer[index] = digit(byte >> 4)
        buffer[index + 1] = digit(byte & 15)
        index += 2
      }
      return index
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}

/// Sizes, indices and times as the formats of transparency logs write them: ASCII digits, no sign, no leading zero.
enum DecimalNumber {
  /// Refuses every spelling but the one that `String(_:)` gives.
  static func parse(_ digits: some Collection<UInt8>) -> UInt64? {
    // The largest number has 20 digits.
    guard digits.count <= 20 else { return nil }
    let text = String(decoding: digits, as: UTF8.self)
    guard let number = UInt64(text), String(number).utf8.elementsEqual(digits) else { return nil }
    return number
  }
}

extension StringProtocol {
  /// What follows `prefix`; nil when the text does not start with it. Bytes are compared, not characters: to Swift, an
  /// accent changes the letter or the space before it.
  func removing(prefix: String) -> SubSequence? {
    guard utf8.starts(with: prefix.utf8) else { return nil }
    return self[utf8.index(utf8.startIndex, offsetBy: prefix.utf8.count)...]
  }
}

extension UInt32 {
  /// The four bytes, the most significant first.
  var bigEndianBytes: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> UInt32($0)) }
  }
}

extension UInt64 {
  /// The eight bytes, the most significant first.
  var bigEndianBytes: [UInt8] {
    stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> UInt64($0)) }
  }
}
