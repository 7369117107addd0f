internal import Coordination
internal import EventLogPostgres
internal import EventSourcing
internal import Foundation
internal import HTTPAPI
internal import PlanImport
internal import PlanService
internal import Postgres
internal import Schema
internal import TamperEvidence

/// What the command line prints, as values that also go out as JSON.
public struct ImportReport: Codable, Sendable {
  public struct Finding: Codable, Sendable {
    public let severity: String
    public let code: String
    public let line: Int?
    public let path: String
    public let german: String
    public let english: String
    public let proposal: String?
  }

  public struct Command: Codable, Sendable {
    public let line: Int?
    public let name: String
    /// Its fields, as canonical JSON.
    public let fields: String
  }

  public let file: String
  public let isDryRun: Bool
  public let succeeded: Bool
  public let outcome: String
  public let commandCount: Int
  /// What is sent to a plan that is there already, each with the line of the file that it comes from.
  public let commands: [Command]
  public let changes: [String]
  public let expansions: [String]
  public let findings: [Finding]

  public init(importing file: String, into federwerk: Federwerk, isDryRun: Bool) async throws {
    let plan: PlanFile
    do { plan = try Federwerk.planFile(at: file) } catch let error as PlanFileError {
      self.init(
        file: file, isDryRun: isDryRun, succeeded: false, outcome: "the file was refused; nothing was stored",
        commandCount: 0, commands: [], changes: [], expansions: [], findings: error.findings.map(Finding.init))
      return
    }
    let result = try await federwerk.importPlan(plan, isDryRun: isDryRun)
    let (succeeded, outcome) = Self.outcome(result)
    let summary = result.proposal.summary
    self.init(
      file: file, isDryRun: isDryRun, succeeded: succeeded, outcome: outcome,
      commandCount: result.proposal.commands.count,
      commands: result.isNewPlan
        ? []
        : zip(result.proposal.commands, result.proposal.lines).map { command, line in
          Command(
            line: line, name: type(of: command).name, fields: String(decoding: command.canonicalBody, as: UTF8.self))
        },
      changes: ImportSummary.Kind.allCases.compactMap { kind in
        let count = summary[kind]
        let parts = [
          (count.created, "new"), (count.changed, "changed"), (count.ended, "ended"), (count.unchanged, "unchanged"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.isEmpty ? nil : "\(kind.rawValue): \(parts.joined(separator: ", "))"
      },
      expansions: summary.expansions.map { "\($0.range) → \($0.measures.joined(separator: ", "))" },
      findings: result.proposal.findings.map(Finding.init))
  }

  private init(
    file: String, isDryRun: Bool, succeeded: Bool, outcome: String, commandCount: Int, commands: [Command],
    changes: [String], expansions: [String], findings: [Finding]
  ) {
    self.file = file
    self.isDryRun = isDryRun
    self.succeeded = succeeded
    self.outcome = outcome
    self.commandCount = commandCount
    self.commands = commands
    self.changes = changes
    self.expansions = expansions
    self.findings = findings
  }

  private static func outcome(_ result: ImportOutcome) -> (Bool, String) {
    switch result.answer {
    case .done?: (true, "stored as one unit")
    case .wouldDo?: (true, "nothing stored: this was a dry run")
    case .refused(let refusal)?:
      (false, "refused at \(refusal.field ?? "?"): \(refusal.reason.english) (\(refusal.code))")
    case .keyReused?, .keyInFlight?: (false, "another import is going on; try again")
    case .unavailable(let reason)?: (false, "\(Problem(reason).detail.english)")
    case nil where result.proposal.isFatal: (false, "refused because of fatal findings; nothing was stored")
    case nil where result.proposal.leavesOut:
      (true, "nothing to do: where the plan says something else, it went on since the file was made")
    case nil: (true, "nothing to do: the plan says what the file says")
    }
  }

  public var text: String {
    var lines = ["\(file): \(outcome)", "\(commandCount) commands"]
    lines += changes.map { "  \($0)" }
    if !commands.isEmpty { lines.append("commands:") }
    lines += commands.map { "  \($0.line.map { "line \($0)" } ?? "no line"): \($0.name) \($0.fields)" }
    if !expansions.isEmpty { lines.append("ranges:") }
    lines += expansions.map { "  \($0)" }
    for severity in ["fatal", "contradiction", "question", "note"] {
      let own = findings.filter { $0.severity == severity }
      if !own.isEmpty { lines.append("\(severity) (\(own.count)):") }
      lines += own.map { finding in
        let place = finding.line.map { "line \($0), " } ?? ""
        return "  \(place)\(finding.path): \(finding.code): \(finding.english)"
          + (finding.proposal.map { " → \($0)" } ?? "")
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension ImportReport.Finding {
  init(_ finding: ImportFinding) {
    self.init(
      severity: finding.severity.rawValue, code: finding.code, line: finding.line, path: finding.path,
      german: finding.message.german, english: finding.message.english, proposal: finding.proposal?.english)
  }
}

public struct VerificationReport: Codable, Sendable {
  public let plan: String
  public let size: Int64
  public let checkpoints: Int
  public let receipts: Int
  public let findingCount: Int
  public let findings: [String]

  public var text: String {
    let summary =
      "\(plan): \(size) events, \(checkpoints) checkpoint\(checkpoints == 1 ? "" : "s") verified, \(receipts) receipts compared, \(findingCount) findings"
    return ([summary] + findings.map { "  \($0)" }).joined(separator: "\n")
  }
}

public struct LogReport: Codable, Sendable {
  public let plan: String
  public let origin: String
  public let epoch: Int
  public let size: Int64
  public let root: String
  public let publishedEpoch: Int?
  public let publishedSize: Int64?
  public let trouble: String?

  public var text: String {
    """
    plan       \(plan)
    origin     \(origin)
    epoch      \(epoch)
    size       \(size)
    root       \(root)
    published  \(publishedSize.map { "size \($0) in epoch \(publishedEpoch ?? 0)" } ?? "nothing yet")
    state      \(trouble ?? "writable")
    """
  }
}

/// Names a plan that is not there.
public struct UnknownPlan: Error, CustomStringConvertible {
  let reference: String
  public var description: String { "There is no plan “\(reference)”; GET /v1/plans lists them." }
}

extension Federwerk {
  public static var schemaVersion: Int { Migrations.all.last?.number ?? 0 }
  public static var foldVersion: Int { Plan.foldVersion }

  public func firstPlanSlug() async -> String? { (try? await log.plans(after: nil, limit: 1))?.first?.slug }

  /// A coordinator's token for the greeting at the start.
  public func demonstrationToken() async throws -> String {
    try await tokens.issue(
      actorName: "demonstration", role: .coordinator, institution: nil, plan: nil,
      issuedAt: Int(Self.localTime().microsecondsSinceEpoch / 1_000_000), lifetimeSeconds: 86_400)
  }

  func planID(_ reference: String) async throws -> EntityID {
    guard let id = try await service.plan(reference) else { throw UnknownPlan(reference: reference) }
    return id
  }

  /// The verifier keys of each plan's log by the plan's slug; those that sign now come first.
  public func verifierKeys() async throws -> [String: [String]] {
    var keysByPlan: [String: [String]] = [:]
    for entry in try await allPlans() {
      guard let head = try await log.head(of: LogID(plan: entry.plan)) else { continue }
      keysByPlan[entry.slug] = try keys.logKeys.verifying(head.origin).map(\.description)
    }
    return keysByPlan
  }

  /// Ends the exchange of the key that signs checkpoints.
  ///
  /// Whoever verifies can follow from the old key to the new one where a checkpoint has the signatures of both; refused
  /// while the newest of a plan's own log has not. Those of feeds come when the next event does.
  public func endLogKeyExchange() async throws {
    try keys.requireLogKeyExchange()
    for entry in try await allPlans() {
      if let newest = try await log.checkpoint(of: LogID(plan: entry.plan), sizeMax: nil) {
        let note = try SignedNote(parsing: Array(newest.note.utf8))
        let signing = try keys.logKeys.signing(Checkpoint(noteText: note.text).origin).map(\.verifierKey)
        guard signing.contains(where: { key in (try? note.verify(with: [key])) == nil }) else { continue }
        throw ConfigurationProblem(
          "the newest checkpoint of \(entry.slug) is not signed by both keys yet; restart all servers with them, and let "
            + "an event bring a new one. If it has to be ended now, add --force.")
      }
    }
    try keys.endLogKeyExchange()
  }

  private func allPlans() async throws -> [PlanEntry] {
    var plans: [PlanEntry] = []
    while true {
      let page = try await log.plans(after: plans.last?.slug, limit: 500)
      plans += page
      if page.count < 500 { return plans }
    }
  }

  public func exportEvents(of reference: String, _ line: @Sendable (String) -> Void) async throws {
    let id = try await planID(reference)
    try await log.forEachPage(
      of: LogID(plan: id), from: Position(0), pageSize: 2000, failing: { $0 as any Error }
    ) { page in
      for event in page { line(String(decoding: event.body, as: UTF8.self)) }
      return true
    }
  }

  public func exportPlanFile(of reference: String, at moment: ReadingMoment, asJSON: Bool) async throws -> String {
    let (plan, day) = try await plan(planID(reference), at: moment)
    guard plan.currentVersion != nil else {
      throw ConfigurationProblem("there was no version of \(reference) at that moment that a plan file could say")
    }
    return asJSON ? PlanFileWriter.json(from: plan, on: day) : PlanFileWriter.yaml(from: plan, on: day)
  }

  public func logReport(of reference: String) async throws -> LogReport {
    guard let status = try await service.logStatus(of: planID(reference)) else {
      throw UnknownPlan(reference: reference)
    }
    return LogReport(
      plan: reference, origin: status.head.origin, epoch: status.head.epoch, size: status.head.size.value,
      root: MerkleHash(bytes: status.head.root)?.base64 ?? "", publishedEpoch: status.published?.epoch,
      publishedSize: status.published?.size, trouble: status.trouble.map { Problem($0).code })
  }

  /// - Parameter isForced: open it although nothing that was published is lost.
  public func openEpoch(of reference: String, reason: String, isForced: Bool) async throws -> String {
    let text: FreeText
    do { text = try FreeText(reason, field: "reason") } catch {
      throw ConfigurationProblem("--reason cannot be recorded: \(error.reason.english)")
    }
    let plan = try await planID(reference)
    if !isForced, try await !lacksPublished(plan) {
      throw ConfigurationProblem(
        "the log of \(reference) holds everything that was published; a new epoch would only give it another name and "
          + "make every follower start anew. If it has to be, add --force.")
    }
    let head = try await service.openEpoch(of: plan, reason: text)
    return "Epoch \(head.epoch) of \(reference) is open at size \(head.size.value), origin \(head.origin)."
  }

  /// Whether the log lacks events that were published (`log-regressed`).
  private func lacksPublished(_ plan: EntityID) async throws -> Bool {
    guard try await service.logStatus(of: plan)?.trouble?.isRegression == true else { return false }
    return true
  }

  /// Verifies the logs of one plan, or of all: its own, and those of its feeds.
  public func verify(
    _ reference: String?, progress: @escaping @Sendable (String) -> Void
  ) async throws -> [VerificationReport] {
    var reports: [VerificationReport] = []
    let entries = try await allPlans()
    var logs: [LogID] = []
    for entry in entries { logs += try await log.logs(of: entry.plan) }
    // Whatever the database has lost altogether is in none of its lists; what was published of it is known elsewhere.
    logs += try highWater.logs.filter { !logs.contains($0) }
    if let reference {
      let plan = try await planID(reference)
      logs.removeAll { $0.plan != plan }
    }
    for logID in logs {
      let plan = entries.first { $0.plan == logID.plan }?.slug ?? "\(logID.plan)"
      reports.append(try await verify(logID, named: logID.isReissued ? "\(plan)/\(logID.name)" : plan, progress))
    }
    return reports
  }

  private func verify(
    _ logID: LogID, named name: String, _ progress: @escaping @Sendable (String) -> Void
  ) async throws -> VerificationReport {
    let logKeys = keys.logKeys
    let size = try await log.head(of: logID)?.size ?? .zero
    let result = try await LogVerification.run(
      logID, in: log,
      verifierKeys: { (try? logKeys.verifying($0)) ?? [] },
      published: try highWater.mark(of: LogIDPath(logID)),
      progress: { progress("\(name): \($0.value) of \(size.value) events checked") })
    return VerificationReport(
      plan: name, size: result.size.value, checkpoints: result.checkpointCount, receipts: result.receiptCount,
      findingCount: result.findingCount, findings: result.findings.map(\.description))
  }
}

/// The roles that a token can carry.
public enum TokenRoles {
  public static let all = Role.allCases.filter { $0 != .system }.map(\.rawValue)
  public static let needInstitution = [Role.lead, .contributor].map(\.rawValue)

  /// Makes a token with the installation's key; needs no database.
  public static func issue(
    _ configuration: ServerConfiguration, actor: String, role: String, institution: String?, partner: String?,
    plan: String?, days: Int
  ) async throws -> String {
    guard let role = Role(rawValue: role), role != .system else {
      throw ConfigurationProblem("the role is one of \(all.joined(separator: ", "))")
    }
    let keys = try KeyStore(home: configuration.home)
    return try await TokenAuthority(secret: keys.tokenSecret).issue(
      actorName: actor, role: role, institution: institution, partner: partner, plan: plan,
      issuedAt: Int(Federwerk.localTime().microsecondsSinceEpoch / 1_000_000), lifetimeSeconds: days * 86_400)
  }
}
