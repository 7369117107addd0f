internal import Coordination
internal import EventSourcing
internal import Yams

/// Everything that is wrong with a file, collected while it is read.
final class FindingCollector {
  /// Enough for a person to work through; the rest is found once these are gone.
  static let findingCountMax = 1000

  private(set) var findings: [ImportFinding] = []

  func fatal(
    _ code: String, line: Int?, path: String, de german: String, en english: String, proposal: LocalizedText? = nil
  ) {
    add(
      ImportFinding(
        .fatal, code, line: line, path: path, message: LocalizedText(de: german, en: english), proposal: proposal))
  }

  func add(_ finding: ImportFinding) {
    guard findings.count <= Self.findingCountMax else { return }
    guard findings.count < Self.findingCountMax else {
      return findings.append(
        ImportFinding(
          .fatal, "too-many-findings", line: nil, path: "",
          message: LocalizedText(
            de: "Es gibt noch mehr; hier stehen die ersten \(Self.findingCountMax).",
            en: "There are more; these are the first \(Self.findingCountMax).")))
    }
    findings.append(finding)
  }

  func fatal(_ refusal: Refusal, line: Int?, path: String) {
    fatal(refusal.code, line: line, path: path, de: refusal.reason.german, en: refusal.reason.english)
  }

}

/// A node of the file and where it stands.
struct LocatedNode {
  let node: Node
  let line: Int
  let path: String

  init(_ node: Node, path: String) {
    self.node = node
    self.line = node.mark?.line ?? 1
    self.path = path
  }

  var isMapping: Bool { node.mapping != nil }

  /// Whether the value was left empty.
  var isEmpty: Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }
}

/// Reads the keys of one YAML mapping: every key at most once, none left over.
///
/// A missing or wrong value is collected and reads as nil, so that one pass finds everything there is to find.
final class MappingReader {
  /// Elements of one list; no list of a plan comes near it.
  static let elementCountMax = 1000

  let line: Int
  let path: String
  private let collector: FindingCollector
  private let pairs: [(key: String, value: LocatedNode)]
  private var known: Set<String> = []

  init?(_ located: LocatedNode, _ collector: FindingCollector) {
    guard case .mapping(let mapping) = located.node else {
      collector.fatal(
        "wrong-type", line: located.line, path: located.path, de: "Erwartet werden Schlüssel mit Werten.",
        en: "Expected keys with values.")
      return nil
    }
    line = located.line
    path = located.path
    self.collector = collector
    let prefix = located.path.isEmpty ? "" : "\(located.path)."
    var pairs: [(key: String, value: LocatedNode)] = []
    for (key, value) in mapping {
      guard case .scalar(let name) = key else {
        collector.fatal(
          "wrong-type", line: key.mark?.line ?? located.line, path: located.path,
          de: "Ein Schlüssel muss ein Wort sein.", en: "A key must be a word.")
        continue
      }
      pairs.append((name.string, LocatedNode(value, path: "\(prefix)\(name.string)")))
    }
    self.pairs = pairs
  }

  func has(_ key: String) -> Bool { pairs.contains { $0.key == key } }

  /// The value of a key; an empty value counts as wrong, not as absent.
  func node(_ key: String) -> LocatedNode? {
    known.insert(key)
    guard let value = pairs.first(where: { $0.key == key })?.value else { return nil }
    if value.isEmpty {
      collector.fatal(
        "empty-value", line: value.line, path: value.path, de: "Nach dem Schlüssel steht nichts.",
        en: "There is nothing after the key.")
      return nil
    }
    return value
  }

  func required<Value: FieldValue>(_ key: String, as type: Value.Type = Value.self) -> Value? {
    guard has(key) else {
      known.insert(key)
      collector.fatal(
        "missing-key", line: line, path: path.isEmpty ? key : "\(path).\(key)", de: "Der Schlüssel „\(key)“ fehlt.",
        en: "The key “\(key)” is missing.")
      return nil
    }
    return optional(key)
  }

  func optional<Value: FieldValue>(_ key: String, as type: Value.Type = Value.self) -> Value? {
    node(key).flatMap { collector.value($0) }
  }

  /// The elements of a list; a single value counts as a list of one where `orSingle` says so.
  func elements(_ key: String, orSingle: Bool = false) -> [LocatedNode] {
    guard let value = node(key) else { return [] }
    guard case .sequence(let sequence) = value.node else {
      if orSingle { return [value] }
      collector.fatal(
        "wrong-type", line: value.line, path: value.path, de: "Erwartet wird eine Liste.", en: "Expected a list.")
      return []
    }
    guard sequence.count <= Self.elementCountMax else {
      collector.fatal(
        "list-too-long", line: value.line, path: value.path, de: "Höchstens \(Self.elementCountMax) Einträge.",
        en: "At most \(Self.elementCountMax) elements.")
      return []
    }
    return sequence.enumerated().map { LocatedNode($1, path: "\(value.path)[\($0)]") }
  }

  func values<Value: FieldValue>(_ key: String, orSingle: Bool = false, as type: Value.Type = Value.self) -> [Value] {
    elements(key, orSingle: orSingle).compactMap { collector.value($0) }
  }

  func items<Item>(_ key: String, orSingle: Bool = false, _ read: (LocatedNode) -> Item?) -> [Item] {
    elements(key, orSingle: orSingle).compactMap(read)
  }

  /// Citations, one or many; the file has to say where a thing is printed, or with `[]` that it is printed nowhere.
  func source(isRequired: Bool = true) -> [Citation] {
    if isRequired, !has("source") {
      collector.fatal(
        "missing-key", line: line, path: path.isEmpty ? "source" : "\(path).source",
        de: "Die Fundstelle („source“) fehlt.", en: "The citation (“source”) is missing.")
    }
    return values("source", orSingle: true)
  }

  /// Reports the keys that nobody asked for.
  func finish() {
    for (key, value) in pairs where !known.contains(key) && !key.hasPrefix(YAMLDocument.repeatedKeyPrefix) {
      let allowed = known.sorted().joined(separator: ", ")
      collector.fatal(
        "unknown-key", line: value.line, path: value.path, de: "Den Schlüssel „\(key)“ gibt es hier nicht.",
        en: "There is no key “\(key)” here.",
        proposal: LocalizedText(de: "Es gibt hier: \(allowed).", en: "Known here: \(allowed)."))
    }
  }
}

extension FindingCollector {
  /// A scalar read by the same rules as the same field of a command.
  func value<Value: FieldValue>(_ located: LocatedNode) -> Value? {
    guard case .scalar(let scalar) = located.node else {
      fatal(
        "wrong-type", line: located.line, path: located.path, de: "Erwartet wird ein einzelner Wert.",
        en: "Expected a single value.")
      return nil
    }
    var json = JSON.string(scalar.string)
    if Value.self == Int.self, let number = Int64(scalar.string) { json = .integer(number) }
    if Value.self == Bool.self, let flag = Bool(scalar.string) { json = .bool(flag) }
    do {
      return try Value(json: json, field: located.path)
    } catch {
      fatal(error, line: located.line, path: located.path)
      return nil
    }
  }
}
