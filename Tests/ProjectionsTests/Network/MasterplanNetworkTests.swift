import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

/// The network of the plan that ships with the program.
struct MasterplanNetworkTests {
  private let plan: Plan
  private let network: StakeholderNetwork

  init() throws {
    plan = try ImportedPlan.masterplan.get().plan
    network = StakeholderNetwork(of: plan, validAt: day("2019-07-01"))
  }

  @Test func `the network has the figures that the printed plan gives`() {
    #expect(network.nodes.count { $0.measures > 0 } == 92)
    #expect(network.edges.count == 403)
    #expect(network.edges.max { $0.weight < $1.weight }.map { network.slug($0.source) } == "berlin-partner")
    #expect(network.edges.map(\.weight).max() == 26)
    let heaviest = network.nodes.sorted { ($1.measures, $0.slug) < ($0.measures, $1.slug) }.prefix(3)
    #expect(
      heaviest.map { "\($0.slug) \($0.measures) \($0.load)" } == [
        "berlin-partner 43 0.457447", "senweb 43 0.457447", "ihk 33 0.351064",
      ])
  }

  @Test func `the single points of failure are those through which others hang on`() {
    #expect(
      network.nodes.filter(\.isArticulation).map(\.slug) == [
        "bundesagentur-fuer-arbeit", "geschaeftsstelle-zukunftsorte", "rbm-wissforsch", "senuvk",
      ])
  }

  @Test func `NetworkX and Graphviz agree with the network`() async throws {
    try await OutsideTools.expect(network)
  }

  @Test func `before the plan began nobody worked with anybody`() async throws {
    let empty = StakeholderNetwork(of: plan, validAt: day("2018-01-01"))
    #expect(empty.nodes.isEmpty && empty.edges.isEmpty && empty.relations.isEmpty)
    try await OutsideTools.expect(empty)
  }
}
