import Coordination
import EventSourcing
import Foundation
import PlanImport
import PlanSpecification
import Testing

/// The plan that ships with the program, imported and folded.
enum ImportedPlan {
  /// Imported once for all tests; they only look.
  static let masterplan = Result {
    let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    let text = try String(contentsOf: root.appending(path: "plans/industriestadt-berlin.yaml"), encoding: .utf8)
    var spec = DeciderSpecification()
    let proposal = PlanImporter.propose(
      try PlanFile(yaml: text), onto: nil, planID: spec.plan.id, today: day("2019-07-01"))
    for command in proposal.commands {
      let now = Timestamp(microsecondsSinceEpoch: spec.plan.size.value)
      var context = DecisionContext(
        now: now, today: proposal.effectiveDate, actor: PlanActor(id: .system("import"), role: .system),
        identifiers: IdentifierSource(seed: UInt64(spec.plan.size.value), at: now))
      spec.record(try Decider.decide(command, on: spec.plan, &context), on: proposal.effectiveDate)
    }
    return spec
  }
}
