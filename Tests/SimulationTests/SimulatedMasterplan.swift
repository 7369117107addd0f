import Coordination
import EventSourcing
import Foundation
import PlanImport
import Simulation

/// A history of the plan that ships with the program, and what it came to.
struct SimulatedMasterplan {
  static let planID = EntityID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)

  private(set) var run: SimulationRun
  private(set) var events: [SimulationRun.Event] = []

  var plan: Plan { run.plan }

  init(from: String = "2018-09", to: String = "2021-12", seed: UInt64 = 1, scale: Int = 1, closesPlan: Bool = false)
    throws
  {
    guard let period = SimulationTerms.period(from: from, to: to) else { throw CocoaError(.formatting) }
    run = try SimulationRun(
      SimulationTerms(period: period, seed: seed, scale: scale, closesPlan: closesPlan), opening: Self.opening(),
      onto: Plan(id: Self.planID))
    while let batch = run.nextBatch() { events += batch }
  }

  /// The whole history at the usual terms, made once for all tests; they only look.
  static let usual = Result { try SimulatedMasterplan() }

  static func opening() throws -> SimulationOpening {
    let root = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    let text = try String(contentsOf: root.appending(path: "plans/industriestadt-berlin.yaml"), encoding: .utf8)
    let file = try PlanFile(yaml: text)
    let proposal = PlanImporter.propose(
      file, onto: nil, planID: planID, today: LocalDate(year: 2018, month: 9, day: 4) ?? LocalDate(daysSinceEpoch: 0))
    return SimulationOpening(commands: proposal.commands, effectiveDate: proposal.effectiveDate)
  }

  /// Everything that is stored, with salts from a fixed seed.
  var digest: [UInt8] {
    var sink = DisclosureSink(seed: 1)
    var bytes: [UInt8] = []
    for event in events { bytes += event.envelope.encode(event.fact, disclosing: &sink) }
    return bytes
  }

  func count(_ type: String) -> Int { events.count { $0.envelope.type == "org.federwerk.\(type).v1" } }
}
