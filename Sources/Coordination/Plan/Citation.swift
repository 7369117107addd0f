public import EventSourcing

/// Where something is printed: document key, colon, line or range of lines, as in `S2:688-692`.
public struct Citation: TextFieldValue, CustomStringConvertible {
  public static let lengthMax = 40
  public static let pattern: String? = "^[A-Za-z0-9-]+:[0-9]{1,7}(-[0-9]{1,7})?$"
  public static let expectation = LocalizedText(
    de: "Erwartet wird eine Fundstelle wie S2:688-692.", en: "Expected a citation such as S2:688-692.")

  public let text: String
  public let document: String
  public let lines: ClosedRange<Int>

  public init?(normalized text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty,
      parts[0].utf8.allSatisfy({
        Character(UnicodeScalar($0)).isLetter || Character(UnicodeScalar($0)).isNumber || $0 == UInt8(ascii: "-")
      })
    else { return nil }
    let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(ends.count), let first = Self.line(ends[0]) else { return nil }
    guard let last = ends.count == 2 ? Self.line(ends[1]) : first, last >= first else { return nil }
    self.text = text
    document = String(parts[0])
    lines = first...last
  }

  public var description: String { text }

  private static func line(_ digits: Substring) -> Int? {
    guard !digits.isEmpty, digits.utf8.count <= 7, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return Int(digits)
  }
}
