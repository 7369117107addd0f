import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

struct NetworkDifferenceTests {
  @Test func `a hand-over shows who came, who went and which ties changed`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04", "until": "2019-07-01"])
    spec.assign("lead", "skip", 62, ["from": "2019-07-01"])
    spec.assign("contributor", "ihk", 63)
    spec.assign("contributor", "tu", 64)
    spec.assign("contributor", "ihk", to: "fachkraefte.1.II", 65, ["from": "2019-07-01"])
    spec.assign("lead", "tu", to: "fachkraefte.1.II", 66, ["from": "2019-07-01"])
    let old = StakeholderNetwork(of: spec.plan, validAt: day("2019-06-30"))
    let new = StakeholderNetwork(of: spec.plan, validAt: day("2019-07-01"))
    let difference = StakeholderNetwork.difference(from: old, to: new)
    #expect(difference.nodes.added.map(\.slug) == ["skip"])
    // The membership of hwk ended on the same day.
    #expect(difference.nodes.removed.map(\.slug) == ["hwk", "senweb"])
    #expect(difference.nodes.changed.map(\.to.slug) == ["ihk", "tu"])
    #expect(difference.nodes.changed.map(\.from.roles) == [[.contributor: 1], [.contributor: 1]])
    #expect(difference.nodes.changed.map(\.to.roles) == [[.contributor: 2], [.contributor: 1, .lead: 1]])
    #expect(difference.edges.added.map { new.slug($0.source) + "–" + new.slug($0.target) } == ["ihk–skip", "skip–tu"])
    #expect(
      difference.edges.removed.map { old.slug($0.source) + "–" + old.slug($0.target) } == ["ihk–senweb", "senweb–tu"])
    #expect(difference.edges.changed.map(\.from.weight) == [1])
    #expect(difference.edges.changed.map(\.to.measures) == [["fachkraefte.1.I", "fachkraefte.1.II"]])
    #expect(difference.relations.removed.map(\.kind) == [.memberOf])
    #expect(difference.relations.added.isEmpty && difference.relations.changed.isEmpty)

    let json = difference.json
    #expect(json["from"]?["validAt"] == "2019-06-30")
    #expect(json["to"]?["validAt"] == "2019-07-01")
    #expect(json["nodes"]?["added"]?.array == difference.nodes.added.map(\.json))
    let changed = try #require(json["edges"]?["changed"]?.array?.first)
    #expect(changed["from"]?["weight"] == 1)
    #expect(changed["to"]?["weight"] == 2)
  }

  @Test func `between two positions only what was recorded since is different`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    let old = StakeholderNetwork(of: spec.plan, validAt: spec.today)
    spec.assign("contributor", "skip", 62)
    let new = StakeholderNetwork(of: spec.plan, validAt: spec.today)
    let difference = StakeholderNetwork.difference(from: old, to: new)
    #expect(difference.nodes.added.map(\.slug) == ["skip"])
    #expect(difference.nodes.removed.isEmpty && difference.nodes.changed.isEmpty)
    #expect(difference.edges.added == new.edges)
    #expect(difference.from.position != difference.to.position)
    let back = StakeholderNetwork.difference(from: new, to: old)
    #expect(back.nodes.removed == difference.nodes.added)
    #expect(back.edges.removed == difference.edges.added)
  }

  @Test func `becoming the only link between others is a change`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.assign("contributor", "tu", 62)
    spec.assign("contributor", "skip", 63, ["until": "2019-07-01"])
    spec.assign("contributor", "skip", to: "fachkraefte.1.II", 64, ["from": "2019-07-01"])
    spec.assign("contributor", "senweb", to: "fachkraefte.1.II", 65)
    let difference = StakeholderNetwork.difference(
      from: StakeholderNetwork(of: spec.plan, validAt: day("2019-06-30")),
      to: StakeholderNetwork(of: spec.plan, validAt: day("2019-07-01")))
    #expect(difference.nodes.changed.map(\.to.slug) == ["senweb"])
    #expect(difference.nodes.changed.map(\.to.isArticulation) == [true])
  }

  @Test func `a network does not differ from itself`() throws {
    let plan = try ImportedPlan.masterplan.get().plan
    let network = StakeholderNetwork(of: plan, validAt: day("2019-07-01"))
    let difference = StakeholderNetwork.difference(from: network, to: network)
    #expect(difference.nodes.isEmpty && difference.edges.isEmpty && difference.relations.isEmpty)
  }

  @Test func `measures that are carried over tie the same ones as before`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 61, ["until": "2022-01-01"])
    spec.assign("contributor", "ihk", 62, ["until": "2022-01-01"])
    spec.given(
      "start-successor-version", ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given("carry-over-measure", ["id": id(60).json, "measure": "fachkraefte.1.I"], on: day("2022-01-01"))
    for (command, holder) in [("assign-lead", "tu"), ("assign-contributor", "ihk")] {
      spec.given(command, ["measure": id(60).json, "institution": .string(holder)], on: day("2022-01-01"))
    }
    let networks = ["2021-12-31", "2022-01-01"].map { StakeholderNetwork(of: spec.plan, validAt: day($0)) }
    #expect(!networks[0].edges.isEmpty)
    #expect(StakeholderNetwork.difference(from: networks[0], to: networks[1]).edges.isEmpty)
  }
}
