internal import Coordination
internal import EventSourcing
internal import Foundation
public import PlanImport
public import PlanService
internal import TamperEvidence

/// What an import did or would do.
public struct ImportOutcome: Sendable {
  public let proposal: ImportProposal
  /// Nil when nothing was to be done, or on a dry run.
  public let answer: CommandAnswer?
  public let isNewPlan: Bool
}

extension Federwerk {
  /// Largest plan file, in bytes.
  public static let planFileByteCountMax = 4 * 1024 * 1024

  public static func planFile(at path: String) throws -> PlanFile {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      let size = attributes[.size] as? Int
    else { throw ConfigurationProblem("the plan file \(path) cannot be read") }
    guard size <= planFileByteCountMax else {
      throw ConfigurationProblem("the plan file \(path) has \(size) bytes; at most \(planFileByteCountMax) are read")
    }
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(validating: data, as: UTF8.self)
    else { throw ConfigurationProblem("the plan file \(path) is not UTF-8 text") }
    return try PlanFile(yaml: text)
  }

  /// Proposes what the file says beyond the plan, and carries it out as one unit unless it is a dry run.
  public func importPlan(_ file: PlanFile, isDryRun: Bool) async throws -> ImportOutcome {
    let known = try await service.plan(PlanImporter.planSlug(of: file))
    let plan = if let known { try await service.snapshot(of: known).plan } else { Plan?.none }
    let now = try await service.now()
    let planID = if let known { known } else { try await service.newPlanID() }
    let base = if let plan { try await self.base(of: file, plan) } else { ImportBase?.none }
    let proposal = PlanImporter.propose(
      file, onto: plan, since: base, planID: planID, today: plan?.today(at: now) ?? now.utcDate)
    guard !proposal.isFatal, !proposal.commands.isEmpty else {
      return ImportOutcome(proposal: proposal, answer: nil, isNewPlan: plan == nil)
    }
    let commands = proposal.commands.map { RequestedCommand($0, effectiveDate: proposal.effectiveDate) }
    // The key is made of what is asked and where, so the same file sent twice by a hasty operator is one import.
    let body = commands.flatMap(\.command.signature)
    let size = plan?.size.value ?? 0
    let request = CommandRequest(
      actor: PlanActor(id: .system("import"), role: .system), key: "import:\(size):\(MerkleTree.leafHash(body))",
      commands: commands, isList: true, canonicalBody: body, isDryRun: isDryRun, recordedSource: .import)
    let answer =
      known == nil ? await service.create(request, plan: planID) : await service.submit(request, to: planID)
    return ImportOutcome(proposal: proposal, answer: answer, isNewPlan: plan == nil)
  }

  /// What the file knew of the plan; nil where it names no position and no file was ever imported.
  private func base(of file: PlanFile, _ plan: Plan) async throws -> ImportBase? {
    guard let positions = ImportBase.positions(of: file, in: plan) else { return nil }
    guard let shown = try await service.plan(plan.id, at: .position(positions.shown)),
      let imported = try await service.plan(plan.id, at: positions.imported, followedBy: .import)
    else {
      throw ConfigurationProblem(
        "the file was written from position \(positions.shown.value) of the plan, and the log does not reach that far; "
          + "remove the line “position” from the file to compare it with what was imported last")
    }
    return ImportBase(shown: shown, imported: imported)
  }

  /// Imports a plan that does not exist yet; leaves an existing one alone and says how to apply changes.
  func importIfNew(_ path: String, progress: @Sendable (String) -> Void) async throws {
    let file = try Self.planFile(at: path)
    if try await service.plan(PlanImporter.planSlug(of: file)) != nil {
      progress(
        "The plan \(PlanImporter.planSlug(of: file)) is there already; `federwerk import \(path)` applies changes of the file."
      )
      return
    }
    let outcome = try await importPlan(file, isDryRun: false)
    switch outcome.answer {
    case .done(_, _)?: progress("Imported \(path): \(outcome.proposal.commands.count) commands as one unit.")
    case .refused(let refusal)?:
      throw ConfigurationProblem("the plan file \(path) was refused: \(refusal.reason.english)")
    case nil:
      throw ConfigurationProblem("the plan file \(path) has fatal findings; run: federwerk import \(path) --dry-run")
    case .wouldDo, .keyReused, .keyInFlight, .unavailable:
      throw ConfigurationProblem("the plan file \(path) could not be imported now; start again")
    }
  }
}
