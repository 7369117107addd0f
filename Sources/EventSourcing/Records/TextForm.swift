internal import Foundation

/// The one rule for text from outside: NFC, trimmed, no control characters, length capped in characters (scalars).
public enum TextForm {
  /// What `normalize` takes, as a regular expression of JSON Schema: something to read, and no control character.
  static func pattern(allowsLineBreaks: Bool) -> String {
    let refused = #"\u0000-\u0009\u000B-\u001F\u007F-\u009F\uFDD0-\uFDEF\uFFFE\uFFFF"#
    let allowed = allowsLineBreaks ? "[^\(refused)]" : #"[^\n\#(refused)]"#
    return #"^\#(allowed)*[^\s\#(refused)]\#(allowed)*$"#
  }

  public static func normalize(
    _ raw: String, lengthMax: Int, allowsLineBreaks: Bool, field: String
  ) throws(Refusal) -> String {
    if isPlain(raw), raw.utf8.count <= lengthMax { return raw }
    var text = raw
    // Every scalar below U+0300 is its own normal form, so only other text pays for Foundation's normalisation.
    if text.unicodeScalars.contains(where: { $0.value >= 0x300 }) { text = text.precomposedStringWithCanonicalMapping }
    if allowsLineBreaks, text.utf8.contains(0x0D) { text = text.replacingOccurrences(of: "\r\n", with: "\n") }
    text = trimmed(text)
    guard !text.isEmpty else {
      throw Refusal(.malformed, "empty-text", field: field, de: "Der Text ist leer.", en: "The text is empty.")
    }
    var length = 0
    for scalar in text.unicodeScalars {
      length += 1
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      guard !isControl || (allowsLineBreaks && scalar == "\n"), !isNoncharacter(scalar) else {
        throw Refusal(
          .malformed, "control-character", field: field,
          de: "Steuerzeichen sind nicht erlaubt.", en: "Control characters are not allowed.")
      }
    }
    guard length <= lengthMax else {
      throw Refusal(
        .malformed, "text-too-long", field: field,
        de: "Höchstens \(lengthMax) Zeichen.", en: "At most \(lengthMax) characters.",
        facts: [.init("length", .integer(Int64(length))), .init("lengthMax", .integer(Int64(lengthMax)))])
    }
    return text
  }

  /// Whether a text is in its form already, as nearly all are: printable ASCII without space at its ends.
  private static func isPlain(_ text: String) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, let last = bytes.last, first > 0x20, last > 0x20 else { return false }
    return bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return first == scalars.startIndex && scalars.index(after: last) == scalars.endIndex
      ? text : String(scalars[first...last])
  }

  private static func isNoncharacter(_ scalar: Unicode.Scalar) -> Bool {
    (0xFDD0...0xFDEF).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE
  }
}

/// A short name: lower-case ASCII letters, digits and single hyphens.
public struct Slug: TextFieldValue, CustomStringConvertible {
  public static let lengthMax = 80
  public static let pattern: String? = "^[a-z0-9]+(-[a-z0-9]+)*$"
  public static let expectation = LocalizedText(
    de: "Erwartet werden Kleinbuchstaben, Ziffern und einzelne Bindestriche.",
    en: "Expected lower-case letters, digits and single hyphens.")

  public let text: String

  public init?(normalized text: String) {
    var mayHyphen = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): mayHyphen = true
      case UInt8(ascii: "-"):
        guard mayHyphen else { return nil }
        mayHyphen = false
      default: return nil
      }
    }
    guard mayHyphen else { return nil }
    self.text = text
  }

  public var description: String { text }
}

/// A title, name or other wording of a plan item: one line, kept in clear in the log. Not for anything about a person.
public struct Label: TextFieldValue, CustomStringConvertible {
  public static let lengthMax = 300
  public static let expectation = LocalizedText(de: "Erwartet wird eine Zeile Text.", en: "Expected one line of text.")

  public let text: String

  public init?(normalized text: String) { self.text = text }

  public var description: String { text }
}

/// Free text from people. Commands carry it; events keep only its salted digest (see `Disclosable`).
public struct FreeText: TextFieldValue {
  public static let lengthMax = 4000
  public static let allowsLineBreaks = true
  public static let expectation = LocalizedText(de: "Erwartet wird Text.", en: "Expected text.")

  public let text: String

  public init?(normalized text: String) { self.text = text }
}
