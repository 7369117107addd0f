internal import EventSourcing
internal import Yams

/// Parses the one YAML document of a plan file.
enum YAMLDocument {
  /// Mappings and lists within each other; the format needs twelve.
  static let depthMax = 32
  /// What a repeated key is renamed to, so that reading can go on behind it.
  static let repeatedKeyPrefix = "repeated-key-"
  private static let repeatedKeyCountMax = 100

  static func parse(_ text: String, _ collector: FindingCollector) -> Node? {
    var text = text
    for attempt in 0..<repeatedKeyCountMax {
      do {
        guard let root = try Parser(yaml: text, encoding: .utf8).singleRoot() else { break }
        refuseDepthAndTags(LocatedNode(root, path: ""), depth: 0, collector)
        return root
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        collector.fatal(
          "duplicate-key", line: context.mark.line, path: keys.first ?? "",
          de: "Dieser Schlüssel steht mehrmals: \(keys.joined(separator: ", ")).",
          en: "This key is given more than once: \(keys.joined(separator: ", ")).")
        // The parser stops at the first such mapping; rename the key and look for more.
        guard let renamed = rename(keys.first ?? "", at: context.mark, in: text, number: attempt) else { return nil }
        text = renamed
      } catch {
        report(error, collector)
        return nil
      }
    }
    if collector.findings.isEmpty {
      collector.fatal("empty-file", line: 1, path: "", de: "Die Datei ist leer.", en: "The file is empty.")
    }
    return nil
  }

  private static func refuseDepthAndTags(_ located: LocatedNode, depth: Int, _ collector: FindingCollector) {
    guard depth <= depthMax else {
      collector.fatal(
        "too-deep", line: located.line, path: "", de: "Hier ist tiefer verschachtelt, als eine Plandatei je braucht.",
        en: "This is nested deeper than a plan file ever needs.")
      return
    }
    switch located.node {
    case .scalar(let scalar) where isForeign(scalar.tag): refuseTag(located, collector)
    case .mapping(let mapping):
      if isForeign(mapping.tag) { refuseTag(located, collector) }
      for (key, value) in mapping {
        refuseDepthAndTags(LocatedNode(key, path: ""), depth: depth + 1, collector)
        refuseDepthAndTags(LocatedNode(value, path: ""), depth: depth + 1, collector)
      }
    case .sequence(let sequence):
      if isForeign(sequence.tag) { refuseTag(located, collector) }
      for element in sequence { refuseDepthAndTags(LocatedNode(element, path: ""), depth: depth + 1, collector) }
    case .scalar(_), .alias(_): break
    }
  }

  /// Whether a tag is neither absent nor one that YAML itself gives to plain values.
  private static func isForeign(_ tag: Tag) -> Bool {
    let core = ["", "str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value"]
    let name = tag.description
    return !name.isEmpty && !core.contains { name == "tag:yaml.org,2002:\($0)" }
  }

  private static func refuseTag(_ located: LocatedNode, _ collector: FindingCollector) {
    collector.fatal(
      "tag-refused", line: located.line, path: "", de: "Typangaben von YAML (!) sind in Plandateien nicht erlaubt.",
      en: "YAML tags (!) are not allowed in plan files.",
      proposal: LocalizedText(
        de: "Einen Text, der so beginnt, in Anführungszeichen setzen.", en: "Quote a text that begins like this."))
  }

  private static func rename(_ key: String, at mark: Mark, in text: String, number: Int) -> String? {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard !key.isEmpty, lines.indices.contains(mark.line - 1) else { return nil }
    let scalars = Array(lines[mark.line - 1].unicodeScalars)
    let start = mark.column - 1
    let name = Array(key.unicodeScalars)
    guard start >= 0, start + name.count <= scalars.count, Array(scalars[start..<start + name.count]) == name else {
      return nil
    }
    var line = String.UnicodeScalarView(scalars[..<start])
    line.append(contentsOf: "\(repeatedKeyPrefix)\(number)".unicodeScalars)
    line.append(contentsOf: scalars[(start + name.count)...])
    lines[mark.line - 1] = String(line)
    return lines.joined(separator: "\n")
  }

  private static func report(_ error: any Error, _ collector: FindingCollector) {
    var problem = "\(error)"
    var line: Int?
    switch error {
    case YamlError.scanner(_, let text, let mark, _), YamlError.parser(_, let text, let mark, _),
      YamlError.composer(_, let text, let mark, _):
      (problem, line) = (text, mark.line)
    case YamlError.reader(let text, _, _, _): problem = text
    default: break
    }
    let code = problem.contains("nesting level") ? "too-deep" : "yaml-syntax"
    collector.fatal(
      code, line: line, path: "", de: "Das ist kein gültiges YAML (\(problem)).",
      en: "This is not valid YAML (\(problem)).")
  }
}
