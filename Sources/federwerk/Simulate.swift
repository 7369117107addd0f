import ArgumentParser
import Composition

struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a made-up history of a copy of a plan, marked as simulated in every view.",
    discussion: """
      Every event goes through the ordinary commands and their rules: half-yearly reports, silent institutions, hand-overs,
      escalations, missed deadlines, renames. The same seed gives the same history. The copy gets a log of its own; the plan
      that it copies is not touched.
      """)

  @Option(help: "The plan file to copy.") var plan = "plans/industriestadt-berlin.yaml"
  @Option(help: "First month, YYYY-MM.") var from = "2018-09"
  @Option(help: "Last month, YYYY-MM.") var to = "2021-12"
  @Option(help: "What happens depends on it.") var seed: UInt64 = 1
  @Option(help: "How often each measure is there: 10 makes about ten times the events.") var scale = 1
  @Option(help: "Name of the copy (default: the plan's own with -simulation).") var slug: String?
  @Flag(help: "Do nothing when the copy is there already.") var ifMissing = false
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let order = try SimulationOrder(planFile: plan, from: from, to: to, seed: seed, scale: scale, slug: slug)
    let ifMissing = ifMissing
    let report = try await withFederwerk { federwerk -> SimulationReport? in
      if ifMissing, try await federwerk.hasPlan(order.slug) { return nil }
      return try await federwerk.simulate(order) { explain($0) }
    }
    guard let report else { return explain("The plan \(order.slug) is there already.") }
    if json { try sayJSON(report) } else { say(report.text) }
  }
}
