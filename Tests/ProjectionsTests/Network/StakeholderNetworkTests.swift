import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

struct StakeholderNetworkTests {
  @Test func `parties that share measures are tied by them, each measure counted once`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61, ["phase": "Aufbau"])
    spec.assign("lead", "senweb", 62, ["phase": "Umsetzung"])
    spec.assign("contributor", "ihk", 63)
    spec.assign("contributor", "skip", to: "fachkraefte.1.III", 64)
    spec.assign("lead-partner", "senweb", to: "fachkraefte.1.III", 65)
    spec.assign("lead", "ihk", to: "fachkraefte.1.III", 66)
    let network = StakeholderNetwork(of: spec.plan, validAt: day("2019-03-01"))
    #expect(
      network.edgeTexts == [
        "ihk–senweb: fachkraefte.1.I fachkraefte.1.III", "ihk–skip: fachkraefte.1.III",
        "senweb–skip: fachkraefte.1.III",
      ])
    let senweb = try #require(network.node("senweb"))
    #expect(senweb.measures == 2)
    #expect(senweb.roles == [.lead: 1, .leadPartner: 1])
    #expect(senweb.load.description == "0.666667")
    #expect(try #require(network.node("ihk")).roles == [.lead: 1, .contributor: 1])
  }

  @Test func `only what holds on the day counts`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04", "until": "2019-07-01"])
    spec.assign("contributor", "ihk", 62, ["from": "2019-01-01"])
    func edges(on date: String) -> [String] { StakeholderNetwork(of: spec.plan, validAt: day(date)).edgeTexts }
    #expect(edges(on: "2018-12-31") == [])
    #expect(edges(on: "2019-01-01") == ["ihk–senweb: fachkraefte.1.I"])
    #expect(edges(on: "2019-06-30") == ["ihk–senweb: fachkraefte.1.I"])
    #expect(edges(on: "2019-07-01") == [])
  }

  @Test func `a dormant assignment ties nobody`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.assign("contributor", "skip", 62, ["condition": "falls beauftragt"])
    let network = StakeholderNetwork(of: spec.plan, validAt: spec.today)
    #expect(network.edges.isEmpty)
    #expect(network.node("skip") == nil)
  }

  @Test func `an unclear role ties, and counts as a measure only`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.assign("unclear", "skip", 62)
    let network = StakeholderNetwork(of: spec.plan, validAt: spec.today)
    #expect(network.edgeTexts == ["senweb–skip: fachkraefte.1.I"])
    let json = try #require(network.node("skip")?.json)
    #expect(json["measures"] == 1)
    for role in ["lead", "leadPartner", "contributor", "consulted"] { #expect(json[role] == 0) }
  }

  @Test func `a part of a measure is a measure of its own`() {
    var spec = DeciderSpecification.masterplan()
    spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": "A", "title": "Teil A"])
    spec.assign("lead", "senweb", 61)
    spec.assign("lead", "ihk", to: "fachkraefte.1.I.A", 62)
    spec.assign("contributor", "senweb", to: "fachkraefte.1.I.A", 63)
    let network = StakeholderNetwork(of: spec.plan, validAt: spec.today)
    #expect(network.edgeTexts == ["ihk–senweb: fachkraefte.1.I.A"])
    #expect(network.node("senweb")?.measures == 2)
    #expect(network.node("senweb")?.load.description == "0.5")
  }

  @Test func `relations are between parties that exist, and memberships have dates`() {
    var spec = DeciderSpecification.masterplan()
    spec.given("declare-hosting", ["body": "skip", "by": "senweb"])
    spec.given("declare-chair", ["body": "kammern", "by": "skip", "kind": "chair"])
    func relations(on date: String) -> [String] { StakeholderNetwork(of: spec.plan, validAt: day(date)).relationTexts }
    #expect(relations(on: "2018-09-03") == [])
    #expect(
      relations(on: "2019-06-30") == [
        "hwk member-of kammern", "ihk member-of kammern", "kammern chaired-by skip", "skip hosted-by senweb",
        "zewk unit-of tu",
      ])
    #expect(
      relations(on: "2019-07-01") == [
        "ihk member-of kammern", "kammern chaired-by skip", "skip hosted-by senweb", "zewk unit-of tu",
      ])
  }

  @Test func `whoever is dissolved is gone from that day, with all ties`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.assign("contributor", "ihk", 62)
    spec.assign("contributor", "skip", 63)
    spec.given("dissolve-institution", ["institution": "ihk", "successor": "hwk"], on: day("2019-05-01"))
    func network(on date: String) -> StakeholderNetwork { StakeholderNetwork(of: spec.plan, validAt: day(date)) }
    #expect(network(on: "2019-04-30").edges.count == 3)
    #expect(network(on: "2019-05-01").edgeTexts == ["senweb–skip: fachkraefte.1.I"])
    #expect(network(on: "2019-05-01").node("ihk") == nil)
    #expect(network(on: "2019-05-01").relationTexts == ["hwk member-of kammern", "zewk unit-of tu"])
  }

  @Test func `a succession moves what it says, and ends nobody`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.assign("contributor", "skip", 62)
    spec.assign("contributor", "skip", to: "fachkraefte.1.II", 63)
    spec.assign("lead", "senweb", to: "fachkraefte.1.II", 64)
    spec.given(
      "succeed-institution", ["predecessors": ["skip"], "successor": "hwk", "assignments": [id(62).json]],
      on: day("2019-05-01"))
    func edges(on date: String) -> [String] { StakeholderNetwork(of: spec.plan, validAt: day(date)).edgeTexts }
    #expect(edges(on: "2019-04-30") == ["senweb–skip: fachkraefte.1.I fachkraefte.1.II"])
    #expect(edges(on: "2019-05-01") == ["hwk–senweb: fachkraefte.1.I", "senweb–skip: fachkraefte.1.II"])
  }

  @Test func `a discontinued measure or part ties nobody from that day`() {
    var spec = DeciderSpecification.masterplan()
    spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": "A", "title": "Teil A"])
    spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": "B", "title": "Teil B"])
    for (number, measure) in [(61, "I.A"), (63, "I.B"), (65, "I"), (67, "II")] as [(UInt64, String)] {
      spec.assign("lead", "senweb", to: "fachkraefte.1.\(measure)", number)
      spec.assign("contributor", "ihk", to: "fachkraefte.1.\(measure)", number + 1)
    }
    for (measure, date) in [("II", "2019-04-01"), ("I.A", "2019-05-01"), ("I.B", "2019-06-01")] {
      spec.given(
        "discontinue-measure", ["measure": .string("fachkraefte.1.\(measure)"), "reason": "R", "decision": "D"],
        on: day(date))
    }
    func network(on date: String) -> StakeholderNetwork { StakeholderNetwork(of: spec.plan, validAt: day(date)) }
    #expect(network(on: "2019-03-31").edges.first?.weight == 4)
    #expect(
      network(on: "2019-04-01").edgeTexts == ["ihk–senweb: fachkraefte.1.I fachkraefte.1.I.A fachkraefte.1.I.B"])
    #expect(network(on: "2019-05-01").edgeTexts == ["ihk–senweb: fachkraefte.1.I fachkraefte.1.I.B"])
    #expect(network(on: "2019-05-01").node("ihk")?.load.description == "0.666667")
    #expect(network(on: "2019-06-01").edgeTexts == [], "a measure of which no part goes on does not go on either")
  }

  @Test func `a measure that was carried over gives way to the one that continues it`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.assign("contributor", "ihk", 62)
    spec.given(
      "start-successor-version", ["slug": "2022", "title": "Fassung 2022", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given("carry-over-measure", ["id": id(81).json, "measure": "fachkraefte.1.I"], on: day("2022-01-01"))
    for (number, role, holder) in [(63, "lead", "tu"), (64, "contributor", "ihk")] as [(UInt64, String, String)] {
      spec.given(
        "assign-\(role)",
        ["id": id(number).json, "measure": id(81).json, "institution": .string(holder), "from": "2022-01-01"],
        on: day("2022-01-01"))
    }
    func edges(on date: String) -> [String] { StakeholderNetwork(of: spec.plan, validAt: day(date)).edgeTexts }
    #expect(edges(on: "2021-12-31") == ["ihk–senweb: fachkraefte.1.I"])
    #expect(edges(on: "2022-01-01") == ["ihk–tu: fachkraefte.1.I"])
  }

  @Test func `who shares no measure is isolated, also with relations`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.assign("contributor", "tu", 62)
    spec.assign("lead", "skip", to: "fachkraefte.1.II", 63)
    let network = StakeholderNetwork(of: spec.plan, validAt: spec.today)
    #expect(network.nodes.map(\.slug) == ["hwk", "ihk", "kammern", "senweb", "skip", "tu", "zewk"])
    #expect(network.json["isolated"] == ["hwk", "ihk", "kammern", "skip", "zewk"])
  }

  @Test func `who alone links others is found`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.assign("contributor", "tu", 62)
    spec.assign("lead", "senweb", to: "fachkraefte.1.II", 63)
    spec.assign("contributor", "skip", to: "fachkraefte.1.II", 64)
    let network = StakeholderNetwork(of: spec.plan, validAt: spec.today)
    #expect(network.nodes.filter(\.isArticulation).map(\.slug) == ["senweb"])
    // One of the 15 pairs that seven nodes leave to each of them.
    #expect(try #require(network.node("senweb")).betweenness.description == "0.066667")
  }

  @Test func `a placeholder is a node like any other`() {
    var spec = DeciderSpecification.masterplan()
    spec.given(
      "register-placeholder",
      ["slug": "partner", "label": "Noch zu findender Partner", "steward": "senweb", "due": "2020-01-01"])
    spec.assign("lead", "partner", 61)
    let network = StakeholderNetwork(of: spec.plan, validAt: spec.today)
    #expect(network.node("partner")?.json["kind"] == "placeholder")
    #expect(network.node("partner")?.label == "Noch zu findender Partner")
  }

  @Test func `an empty plan has an empty network`() {
    let network = StakeholderNetwork(of: DeciderSpecification().plan, validAt: day("2019-03-01"))
    #expect(
      String(decoding: network.json.canonicalBytes, as: UTF8.self)
        == #"{"edges":[],"isolated":[],"nodes":[],"position":null,"relations":[],"validAt":"2019-03-01"}"#)
  }

  @Test func `the JSON has the agreed form`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.assign("consulted", "skip", 62)
    let json = StakeholderNetwork(of: spec.plan, validAt: spec.today).json
    #expect(json["position"]?.integer == spec.plan.size.lastPosition?.value)
    #expect(json["validAt"] == "2019-03-01")
    let node = try #require(json["nodes"]?.array?.first { $0["slug"] == "skip" })
    #expect(
      String(decoding: node.canonicalBytes, as: UTF8.self)
        == #"{"articulation":false,"betweenness":0,"consulted":1,"contributor":0,"id":"\#(id(36))","kind":"body","#
        + #""lead":0,"leadPartner":0,"load":0.333333,"measures":1,"name":"Institution skip","slug":"skip","unclear":0}"#
    )
    #expect(
      json["edges"] == [
        ["source": id(31).json, "target": id(36).json, "weight": 1, "measures": ["fachkraefte.1.I"]]
      ])
    #expect(
      json["relations"]?.array?.last == ["kind": "unit-of", "source": id(35).json, "target": id(34).json])
  }
}

extension StakeholderNetwork {
  func node(_ slug: String) -> Node? { nodes.first { $0.slug == slug } }

  func slug(_ id: PartyID) -> String { nodes.first { $0.id == id }?.slug ?? "?" }

  /// The edges in their order, written `source–target: measures`.
  var edgeTexts: [String] {
    edges.map { "\(slug($0.source))–\(slug($0.target)): \($0.measures.joined(separator: " "))" }
  }

  /// The relations in their order, written `source kind target`.
  var relationTexts: [String] { relations.map { "\(slug($0.source)) \($0.kind.rawValue) \(slug($0.target))" } }
}

extension DeciderSpecification {
  /// Assigns a role in any measure.
  mutating func assign(
    _ role: String, _ institution: String, to measure: String, _ number: UInt64, _ more: JSON = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let terms: [JSON.Member] = [
      .init("id", id(number).json), .init("measure", .string(measure)), .init("institution", .string(institution)),
    ]
    given("assign-\(role)", .object(terms + (more.members ?? [])), sourceLocation: sourceLocation)
  }
}
