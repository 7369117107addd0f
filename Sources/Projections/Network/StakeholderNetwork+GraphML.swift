internal import Coordination
internal import EventSourcing

extension StakeholderNetwork {
  /// The network in GraphML (http://graphml.graphdrawing.org/specification.html), the same bytes for the same network.
  ///
  /// The graph is undirected, because tools refuse graphs that mix both; relations name the smaller party as source.
  /// Two parties may have an edge of several kinds, so it is a multigraph.
  public var graphML: String {
    var text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
      xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">

      """
    text += Self.graphAttributes.map { $0.key(for: "graph") }.joined()
    text += Self.nodeAttributes.map { $0.key(for: "node") }.joined()
    text += Self.edgeAttributes.map { $0.key(for: "edge") }.joined()
    text += "  <graph id=\"\(Self.name)\" edgedefault=\"undirected\">\n"
    text += Self.graphAttributes.map { $0.data(of: self, for: "graph", indent: "    ") }.joined()
    for node in nodes {
      text += "    <node id=\"\(node.id)\">\n"
      text += Self.nodeAttributes.map { $0.data(of: node, for: "node", indent: "      ") }.joined()
      text += "    </node>\n"
    }
    for tie in edges.map(Tie.init) + relations.map(Tie.init) {
      text += "    <edge source=\"\(tie.source)\" target=\"\(tie.target)\">\n"
      text += Self.edgeAttributes.map { $0.data(of: tie, for: "edge", indent: "      ") }.joined()
      text += "    </edge>\n"
    }
    return text + "  </graph>\n</graphml>\n"
  }

  private static let graphAttributes: [GraphMLAttribute<StakeholderNetwork>] = [
    .init("plan", .string) { $0.planTitle },
    .init("position", .long) { $0.moment.position.map { String($0.value) } },
    .init("validAt", .string) { $0.moment.validAt.description },
    .init("simulated", .boolean) { $0.moment.isSimulated ? "true" : nil },
  ]

  private static let nodeAttributes: [GraphMLAttribute<Node>] = [
    .init("slug", .string) { $0.slug },
    .init("label", .string) { $0.label },
    .init("name", .string) { $0.name },
    .init("kind", .string) { $0.kind },
    .init("measures", .int) { String($0.measures) },
    .init("lead", .int) { String($0.count(of: .lead)) },
    .init("leadPartner", .int) { String($0.count(of: .leadPartner)) },
    .init("contributor", .int) { String($0.count(of: .contributor)) },
    .init("consulted", .int) { String($0.count(of: .consulted)) },
    .init("unclear", .int) { String($0.count(of: .unclear)) },
    .init("load", .double) { $0.load.description },
    .init("betweenness", .double) { $0.betweenness.description },
    .init("articulation", .boolean) { String($0.isArticulation) },
  ]

  private static let edgeAttributes: [GraphMLAttribute<Tie>] = [
    .init("kind", .string) { $0.kind },
    .init("weight", .int) { $0.measures.map { String($0.count) } },
    // No code holds a blank.
    .init("measures", .string) { $0.measures?.joined(separator: " ") },
  ]

  /// An edge of the file: one of the network's edges or relations.
  private struct Tie {
    let kind: String
    let source: PartyID
    let target: PartyID
    let measures: [String]?

    init(_ edge: Edge) {
      kind = Edge.kind
      source = edge.source
      target = edge.target
      measures = edge.measures
    }

    init(_ relation: Relation) {
      kind = relation.kind.rawValue
      source = relation.source
      target = relation.target
      measures = nil
    }
  }
}

/// A typed attribute that the file declares once and every element carries that has a value.
private struct GraphMLAttribute<Element>: Sendable {
  enum ValueType: String { case boolean, int, long, double, string }

  let name: String
  let type: ValueType
  let value: @Sendable (Element) -> String?

  init(_ name: String, _ type: ValueType, value: @escaping @Sendable (Element) -> String?) {
    self.name = name
    self.type = type
    self.value = value
  }

  func key(for domain: String) -> String {
    "  <key id=\"\(domain)-\(name)\" for=\"\(domain)\" attr.name=\"\(name)\" attr.type=\"\(type.rawValue)\"/>\n"
  }

  func data(of element: Element, for domain: String, indent: String) -> String {
    value(element).map { "\(indent)<data key=\"\(domain)-\(name)\">\(XMLText.escaped($0))</data>\n" } ?? ""
  }
}

/// Text between tags. What XML 1.0 cannot hold at all becomes the replacement character.
private enum XMLText {
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      // A parser would read it as a line feed.
      case "\r": escaped += "&#13;"
      case "\t", "\n": escaped.unicodeScalars.append(scalar)
      case "\0"..<" ", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
