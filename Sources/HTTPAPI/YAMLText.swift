public import EventSourcing

/// Writes a JSON value as YAML 1.2: block style, every string in JSON's quotes, so nothing needs guessing.
public enum YAMLText {
  public static func write(_ value: JSON) -> String {
    var text = ""
    write(value, indent: 0, to: &text)
    return text
  }

  private static func write(_ value: JSON, indent: Int, to text: inout String) {
    switch value {
    case .object(let members) where !members.isEmpty:
      for member in members {
        text += String(repeating: " ", count: indent) + quoted(member.key) + ":"
        nested(member.value, indent: indent, to: &text)
      }
    case .array(let elements) where !elements.isEmpty:
      for element in elements {
        text += String(repeating: " ", count: indent) + "-"
        nested(element, indent: indent, to: &text)
      }
    default:
      text += String(repeating: " ", count: indent) + scalar(value) + "\n"
    }
  }

  private static func nested(_ value: JSON, indent: Int, to text: inout String) {
    let isBlock = value.members?.isEmpty == false || value.array?.isEmpty == false
    text += isBlock ? "\n" : " " + scalar(value) + "\n"
    if isBlock { write(value, indent: indent + 2, to: &text) }
  }

  private static func scalar(_ value: JSON) -> String { String(decoding: value.canonicalBytes, as: UTF8.self) }

  private static func quoted(_ key: String) -> String { scalar(.string(key)) }
}
