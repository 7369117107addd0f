import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

/// GraphML and DOT.
struct NetworkFilesTests {
  private let network: StakeholderNetwork

  init() {
    var spec = DeciderSpecification.masterplan()
    spec.given(
      "register-institution",
      [
        "id": id(37).json, "slug": "sonderling", "short": #"A&B "C" \N <D> &amp; {|}"#, "name": "Ö \\ ' ]]> \u{1F3ED}",
        "kind": "company",
      ])
    spec.assign("lead", "senweb", 61)
    spec.assign("consulted", "sonderling", 62)
    network = StakeholderNetwork(of: spec.plan, validAt: spec.today)
  }

  @Test func `GraphML declares every attribute with its type`() {
    let keys = network.graphML.split(separator: "\n").filter { $0.contains("<key ") }
    #expect(keys.count == 20)
    for key in [
      #"<key id="node-kind" for="node" attr.name="kind" attr.type="string"/>"#,
      #"<key id="node-lead" for="node" attr.name="lead" attr.type="int"/>"#,
      #"<key id="node-betweenness" for="node" attr.name="betweenness" attr.type="double"/>"#,
      #"<key id="node-articulation" for="node" attr.name="articulation" attr.type="boolean"/>"#,
      #"<key id="edge-kind" for="edge" attr.name="kind" attr.type="string"/>"#,
      #"<key id="edge-weight" for="edge" attr.name="weight" attr.type="int"/>"#,
    ] {
      #expect(keys.contains { $0.hasSuffix(key) }, "\(key)")
    }
  }

  @Test func `GraphML holds both sorts of edges`() {
    #expect(
      network.graphML.contains(
        """
            <edge source="\(id(31))" target="\(id(37))">
              <data key="edge-kind">shares-measures</data>
              <data key="edge-weight">1</data>
              <data key="edge-measures">fachkraefte.1.I</data>
            </edge>

        """))
    #expect(
      network.graphML.contains(
        """
            <edge source="\(id(35))" target="\(id(34))">
              <data key="edge-kind">unit-of</data>
            </edge>

        """))
  }

  @Test func `GraphML escapes markup`() {
    #expect(network.graphML.contains(#">A&amp;B "C" \N &lt;D&gt; &amp;amp; {|}</data>"#))
    #expect(network.graphML.contains("<data key=\"node-name\">Ö \\ ' ]]&gt; \u{1F3ED}</data>"))
  }

  @Test func `DOT escapes quotes, backslashes and entities`() {
    #expect(network.dot.contains(#"label="A&amp;B \"C\" \\N <D> &amp;amp; {|}\n1 Maßnahme""#))
  }

  @Test func `DOT shows a role by shape and by colour`() {
    let lines = network.dot.split(separator: "\n")
    func look(_ slug: String) -> [String] {
      lines.first { $0.hasPrefix("  \"\(slug)\" [") }?.matches(of: /(?:shape|fillcolor)="([^"]*)"/)
        .map { String($0.output.1) } ?? []
    }
    #expect(look("senweb") == ["box", "#56b4e9"])
    #expect(look("sonderling") == ["diamond", "#e69f00"])
    #expect(look("tu") == ["parallelogram", "#ffffff"])
  }

  @Test func `DOT tells the moment and explains itself in German`() {
    #expect(network.dot.contains("Stand 1.3.2019, Position \(network.moment.position?.value ?? -1)"))
    #expect(network.dot.contains("Rechteck blau = Federführung"))
  }

  @Test func `other people's libraries read them, whatever the names hold`() async throws {
    try await OutsideTools.expect(network)
  }
}

extension OutsideTools {
  /// NetworkX and Graphviz find in the files what stands in the JSON, and NetworkX the same figures.
  static func expect(_ network: StakeholderNetwork) async throws {
    try await expect(
      "check_network.py",
      of: [
        ("network.json", network.json.canonicalBytes), ("network.graphml", Array(network.graphML.utf8)),
        ("network.dot", Array(network.dot.utf8)),
      ], toSay: "checked \(network.nodes.count) nodes and \(network.edges.count) edges")
  }
}
