internal import EventSourcing

/// A value to be written as YAML, in a fixed layout: keys as given, short lists of words on one line.
enum YAMLValue {
  case text(String)
  case integer(Int)
  case bool(Bool)
  /// A value that needs no quotes by its form, such as a date.
  case bare(String)
  case list([YAMLValue])
  case mapping([Member])

  struct Member {
    let key: String
    let value: YAMLValue
  }
}

extension YAMLValue {
  /// A mapping of those keys that have a value.
  static func fields(_ pairs: KeyValuePairs<String, YAMLValue?>) -> YAMLValue {
    .mapping(pairs.compactMap { key, value in value.flatMap { $0.isEmpty ? nil : Member(key: key, value: $0) } })
  }

  private var isEmpty: Bool {
    switch self {
    case .list(let elements): elements.isEmpty
    case .mapping(let pairs): pairs.isEmpty
    case .text, .integer, .bool, .bare: false
    }
  }

  /// The text of a whole file as JSON, in which YAML parsers find the same: what they take for more than text is
  /// written as an escape. Outside of strings JSON has none of it.
  var jsonDocument: String {
    var text = ""
    for scalar in String(decoding: json.canonicalBytes, as: UTF8.self).unicodeScalars {
      if Self.isEscaped(scalar) { text += Self.escape(scalar) } else { text.unicodeScalars.append(scalar) }
    }
    return text
  }

  private var json: JSON {
    switch self {
    case .text(let text), .bare(let text): .string(text)
    case .integer(let number): .integer(Int64(number))
    case .bool(let flag): .bool(flag)
    case .list(let elements): .array(elements.map(\.json))
    case .mapping(let pairs): .object(pairs.map { .init($0.key, $0.value.json) })
    }
  }

  /// The text of a whole file.
  var document: String {
    var text = ""
    write(to: &text, indent: 0, continuesLine: false)
    return text
  }

  private func write(to text: inout String, indent: Int, continuesLine: Bool) {
    switch self {
    case .text, .integer, .bool, .bare: text += "\(inline)\n"
    case .list(let elements):
      for element in elements {
        text += "\(String(repeating: " ", count: indent))- "
        element.write(to: &text, indent: indent + 2, continuesLine: true)
      }
    case .mapping(let pairs):
      for (index, pair) in pairs.enumerated() {
        if index > 0 || !continuesLine { text += String(repeating: " ", count: indent) }
        text += "\(pair.key):"
        if pair.value.isInline {
          text += " \(pair.value.inline)\n"
        } else {
          text += "\n"
          pair.value.write(to: &text, indent: indent + 2, continuesLine: false)
        }
      }
    }
  }

  private var isScalar: Bool {
    switch self {
    case .text, .integer, .bool, .bare: true
    case .list, .mapping: false
    }
  }

  private var isInline: Bool {
    if case .list(let elements) = self { return elements.allSatisfy(\.isScalar) }
    return isScalar
  }

  private var inline: String {
    switch self {
    case .text(let text): Self.needsQuotes(text) ? Self.quoted(text) : text
    case .integer(let number): String(number)
    case .bool(let flag): flag ? "true" : "false"
    case .bare(let text): text
    case .list(let elements): "[\(elements.map(\.inline).joined(separator: ", "))]"
    case .mapping: ""
    }
  }

  /// Plain where every YAML parser reads the same string, also inside brackets.
  private static func needsQuotes(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first.properties.isAlphabetic,
      let last = text.unicodeScalars.last, last != ":", last != " "
    else { return true }
    let words: Set = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    if words.contains(text.lowercased()) { return true }
    if text.contains(": ") || text.contains(" #") { return true }
    return text.unicodeScalars.contains {
      "[]{},\"'&*!|>%@`\\\u{2028}\u{2029}\u{FEFF}".unicodeScalars.contains($0) || $0.value < 0x20
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case _ where isEscaped(scalar): quoted += escape(scalar)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// Whether a character is more than text in quotes: what looks like an anchor, and what ends a line or begins a file.
  private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "&", "*", "\u{85}", "\u{2028}", "\u{2029}", "\u{FEFF}": true
    default: false
    }
  }

  /// The escape that YAML and JSON have in common.
  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }
}
