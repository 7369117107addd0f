internal import Coordination
internal import EventSourcing

extension StakeholderNetwork {
  /// The network in the DOT language (https://graphviz.org/doc/info/lang.html), the same bytes for the same network.
  ///
  /// Shape and colour of a node both tell the role in which it answers for most, its area the number of its measures.
  /// Labels are German. The file asks for the layout of neato, since dot needs half a minute for the ranks of a hundred
  /// parties that have none.
  public var dot: String {
    let slugs = Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, $0.slug) })
    var text = "graph network {\n"
    text += Self.statement(
      "graph",
      [
        ("charset", "UTF-8"), ("fontname", "sans-serif"), ("label", DOTText.escaped(legend)), ("labelloc", "b"),
        ("layout", "neato"), ("outputorder", "edgesfirst"), ("overlap", "false"),
      ])
    text += Self.statement("node", [("fixedsize", "shape"), ("fontname", "sans-serif"), ("fontsize", "10")])
    text += Self.statement("edge", [("color", "#7f7f7f"), ("fontname", "sans-serif"), ("fontsize", "8")])
    for node in nodes { text += Self.statement(DOTText.quoted(node.slug), node.dotAttributes) }
    func statement(_ source: PartyID, _ target: PartyID, _ attributes: [(String, String)]) -> String {
      let ends = [source, target].map { DOTText.quoted(slugs[$0] ?? "") }
      return Self.statement(ends.joined(separator: " -- "), attributes)
    }
    for edge in edges { text += statement(edge.source, edge.target, edge.dotAttributes) }
    for relation in relations { text += statement(relation.source, relation.target, relation.dotAttributes) }
    return text + "}\n"
  }

  private var legend: [String] {
    let position = moment.position.map { ", Position \($0.value)" } ?? ""
    let styles = (Assignment.Role.allCases + [nil]).map { RoleStyle($0) }
    let origin = moment.isSimulated ? ["SIMULATION – dieser Verlauf ist erfunden"] : []
    return origin + [
      planTitle, "Wer mit wem an Maßnahmen arbeitet, Stand \(moment.validAt.german)\(position)",
      "Form und Farbe nach der verantwortlichsten Rolle: "
        + styles.map { "\($0.shapeName) \($0.colourName) = \($0.name)" }.joined(separator: ", "),
      "Fläche nach der Zahl der Maßnahmen; doppelter Rand = ohne diese Stelle verlieren andere die Verbindung",
      "Linie = gemeinsame Maßnahmen, je mehr, desto breiter; gestrichelter Pfeil = Zugehörigkeit",
    ]
  }

  private static func statement(_ subject: String, _ attributes: [(String, String)]) -> String {
    "  \(subject) [\(attributes.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ", "))];\n"
  }

  fileprivate static func measureCount(_ count: Int) -> String {
    switch count {
    case 0: "keine Maßnahme"
    case 1: "1 Maßnahme"
    default: "\(count) Maßnahmen"
    }
  }
}

extension StakeholderNetwork.Node {
  fileprivate var dotAttributes: [(String, String)] {
    let highest = Assignment.Role.allCases.first { count(of: $0) > 0 }
    let style = RoleStyle(highest)
    let counts = Assignment.Role.allCases.filter { count(of: $0) > 0 }.map { "\(RoleStyle($0).name): \(count(of: $0))" }
    let size = Millionths(rounding: 0.3 * Double(1 + measures).squareRoot()).description
    return [
      ("label", DOTText.escaped([label, StakeholderNetwork.measureCount(measures)])),
      ("tooltip", DOTText.escaped([name] + counts)), ("shape", style.shape),
      ("style", "filled"), ("fillcolor", style.colour), ("peripheries", isArticulation ? "2" : "1"), ("width", size),
      ("height", size),
    ]
  }
}

extension StakeholderNetwork.Edge {
  fileprivate var dotAttributes: [(String, String)] {
    let width = Millionths(rounding: min(8, 0.5 * Double(weight))).description
    return [
      ("penwidth", width),
      ("tooltip", DOTText.escaped(["Gemeinsam: \(StakeholderNetwork.measureCount(weight))"] + measures)),
      ("weight", String(weight)),
    ]
  }
}

extension StakeholderNetwork.Relation {
  fileprivate var dotAttributes: [(String, String)] {
    [("color", "#000000"), ("dir", "forward"), ("label", DOTText.escaped([name])), ("style", "dashed")]
  }

  private var name: String {
    switch kind {
    case .memberOf: "Mitglied von"
    case .unitOf: "Teil von"
    case .hostedBy: "angesiedelt bei"
    case .chairedBy: "geleitet von"
    }
  }
}

/// How a role looks. The fills are light enough for black text and differ also for people who see few colours.
private struct RoleStyle {
  let name: String
  let shape: String
  let shapeName: String
  let colour: String
  let colourName: String

  /// The style of a party without any role of its own for nil.
  init(_ role: Assignment.Role?) {
    (name, shape, shapeName, colour, colourName) =
      switch role {
      case .lead: ("Federführung", "box", "Rechteck", "#56b4e9", "blau")
      case .leadPartner: ("in Verbindung mit", "hexagon", "Sechseck", "#f0e442", "gelb")
      case .contributor: ("Mitarbeit", "ellipse", "Ellipse", "#33c69a", "grün")
      case .consulted: ("in Abstimmung mit", "diamond", "Raute", "#e69f00", "orange")
      case .unclear: ("ungeklärte Rolle", "octagon", "Achteck", "#d9a0c0", "rosa")
      case nil: ("keine eigene Rolle", "parallelogram", "Parallelogramm", "#ffffff", "weiß")
      }
  }
}

/// Text in the attributes of Graphviz, which reads escapes and HTML entities in labels and tooltips.
private enum DOTText {
  /// The lines of a label, without the quotes around it.
  static func escaped(_ lines: [String]) -> String {
    lines.map { line in
      var escaped = ""
      for scalar in line.unicodeScalars {
        switch scalar {
        case "\\": escaped += "\\\\"
        case "\"": escaped += "\\\""
        case "&": escaped += "&amp;"
        default: escaped.unicodeScalars.append(scalar)
        }
      }
      return escaped
    }.joined(separator: "\\n")
  }

  /// A name of a node; a slug needs no escapes.
  static func quoted(_ slug: String) -> String { "\"\(slug)\"" }
}
