internal import Audit
internal import Coordination
internal import EventSourcing
internal import Foundation
internal import PlanImport
internal import PlanService
internal import TamperEvidence

/// Where a log to be audited is read from.
public enum AuditTarget: Sendable {
  /// An export bundle.
  case bundle(path: String)
  /// A server that publishes the log: the address of the plan or of its log.
  case address(String, token: String?)
  /// A plan in the configured database.
  case plan(String)

  /// An address begins with its scheme, a bundle is a file that is there, all else is the slug or id of a plan.
  public init(_ text: String, token: String?) throws {
    if text.hasPrefix("http://") || text.hasPrefix("https://") {
      self = .address(text, token: token)
    } else if FileManager.default.fileExists(atPath: text) {
      self = .bundle(path: text)
    } else if text.contains(where: { "/.".contains($0) }) {
      // No slug has a dot or a slash in it.
      throw ConfigurationProblem("there is no file \(text)")
    } else {
      self = .plan(text)
    }
  }

  /// Whether this program's own configuration and database are needed to read it.
  public var needsDatabase: Bool { if case .plan = self { true } else { false } }
}

/// What an auditor trusts besides what comes with the log: files and texts from elsewhere.
public struct AuditTrust: Sendable {
  public var keys: [String] = []
  public var policyFile: String?
  /// A checkpoint that was kept earlier.
  public var checkpointFile: String?

  public init() {}

  func parsed() throws -> AuditVerification.Trust {
    var trust = AuditVerification.Trust()
    do {
      trust.keys = try keys.map { try NoteVerifierKey(parsing: $0) }
      if let policyFile { trust.policy = try LogPolicy(parsing: Self.bytes(of: policyFile)) }
      if let checkpointFile {
        trust.known = try Checkpoint(noteText: SignedNote(parsing: Self.bytes(of: checkpointFile)).text)
      }
    } catch let problem as ConfigurationProblem {
      throw problem
    } catch {
      throw ConfigurationProblem("\(error)")
    }
    return trust
  }

  private static func bytes(of path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationProblem("the file \(path) cannot be read")
    }
    return Array(data.prefix(SignedNote.byteCountMax + 1))
  }
}

/// What verifying came to.
public struct AuditReport: Codable, Sendable {
  public let target: String
  public let origin: String?
  public let size: Int64
  public let root: String?
  public let signedBy: [String]
  /// Whether the keys came with the log and still need comparing with what was published elsewhere.
  public let keysCameWithLog: Bool
  public let disclosed: Int
  public let withheldOrErased: Int
  public let findingCount: Int
  public let findings: [String]

  public var text: String {
    var lines = ["\(target): \(size) events, \(findingCount) findings"]
    lines += findings.map { "  \($0)" }
    if let origin, let root {
      lines += ["origin     \(origin)", "root       \(root)"]
      lines += signedBy.map { "signed by  \($0)" }
      lines.append("values     \(disclosed) disclosed, \(withheldOrErased) withheld or erased")
    }
    if keysCameWithLog {
      lines.append(
        "The keys came with the log: compare them with what was published elsewhere, or give --key or --policy.")
    }
    return lines.joined(separator: "\n")
  }
}

/// What replaying came to.
public struct ReplayReport: Codable, Sendable {
  public struct View: Codable, Sendable {
    public let view: String
    public let version: Int
    public let digest: String
  }

  public struct Comparison: Codable, Sendable {
    public let position: Int64
    public let recordedBy: Int64
    public let view: String
    public let verdict: String
  }

  public let target: String
  public let position: Int64?
  public let recordedAt: String?
  public let validAt: String?
  public let foldVersion: Int
  public let views: [View]
  public let comparisons: [Comparison]

  public var differs: Bool { comparisons.contains { $0.verdict == Replay.Verdict.differs.rawValue } }

  public var text: String {
    guard let position, let recordedAt, let validAt else { return "\(target): the log is empty" }
    var lines = [
      "\(target): folded up to position \(position), recorded \(recordedAt); views of \(validAt), fold \(foldVersion)"
    ]
    let width = views.map(\.view.count).max() ?? 0
    lines += views.map {
      "  \($0.view.padding(toLength: width, withPad: " ", startingAt: 0))  v\($0.version)  \($0.digest)"
    }
    for (recorded, all) in Dictionary(grouping: comparisons, by: \.recordedBy).sorted(by: { $0.key < $1.key }) {
      let equal = all.count { $0.verdict == Replay.Verdict.equal.rawValue }
      lines.append(
        "recorded by \(recorded) of position \(all[0].position): \(equal) of \(all.count) views equal"
          + all.filter { $0.verdict != Replay.Verdict.equal.rawValue }.map { ", \($0.view): \($0.verdict)" }.joined())
    }
    if comparisons.isEmpty { lines.append("no digests were recorded up to there") }
    return lines.joined(separator: "\n")
  }
}

public enum Auditing {
  /// Whether progress is told there: with every hundredth stretch of 256 events.
  fileprivate static func isTold(_ size: LogSize) -> Bool { size.value % (100 * Int64(TileIndex.widthMax)) == 0 }

  /// Verifies what a target publishes.
  /// - Parameter federwerk: needed for a target in the database.
  public static func verify(
    _ target: AuditTarget, trust: AuditTrust, in federwerk: Federwerk?, progress: @escaping @Sendable (String) -> Void
  ) async throws -> AuditReport {
    try await verification(of: target, trust: trust, forReplay: false, in: federwerk, progress: progress).report
  }

  private static func verification(
    of target: AuditTarget, trust: AuditTrust, forReplay: Bool, in federwerk: Federwerk?,
    progress: @escaping @Sendable (String) -> Void
  ) async throws -> (report: AuditReport, log: VerifiedLog?) {
    let trust = try trust.parsed()
    let name = name(of: target)
    let verification = try await with(target, in: federwerk) { source in
      try await AuditVerification.run(
        &source, trust: trust, parallelism: ProcessInfo.processInfo.activeProcessorCount, keepingRecordings: forReplay
      ) { checked, all in
        if isTold(checked) { progress("\(name): \(checked.value) of \(all.value) events checked") }
      }
    }
    let report = AuditReport(
      target: name, origin: verification.checkpoint?.origin, size: verification.size.value,
      root: verification.checkpoint?.root.base64, signedBy: verification.signers.map(\.description),
      keysCameWithLog: verification.keysCameWithLog, disclosed: verification.disclosedCount,
      withheldOrErased: verification.withheldCount, findingCount: verification.findingCount,
      findings: verification.findings.map(\.description))
    return (report, verification.verified)
  }

  /// Verifies what a target publishes, folds just that, and compares with the digests that were recorded.
  /// - Returns: no replay where the log is not what was signed.
  public static func replay(
    _ target: AuditTarget, trust: AuditTrust, position: Int64?, asOf: String?, validAt: String?,
    in federwerk: Federwerk?, progress: @escaping @Sendable (String) -> Void
  ) async throws -> (verified: AuditReport, replayed: ReplayReport?) {
    let name = name(of: target)
    let end: Replay.End
    switch (position, asOf) {
    case (let position?, nil): end = .position(try Position(asked: position))
    case (nil, let text?):
      let now = Federwerk.localTime()
      if let time = Timestamp(text) {
        guard time <= now else { throw ConfigurationProblem.asOfInFuture }
        end = .asOf(time)
      } else if let day = LocalDate(text) {
        // Where the plan is, the day may have begun already.
        guard day <= now.utcDate.advanced(byDays: 1) else { throw ConfigurationProblem.asOfInFuture }
        end = .endOf(day)
      } else {
        throw ConfigurationProblem.asOfMalformed
      }
    case (nil, nil): end = .whole
    case (_?, _?): throw ConfigurationProblem.twoMoments
    }
    let day = try validAt.map { text in
      guard let day = LocalDate(text) else { throw ConfigurationProblem.validAtMalformed }
      return day
    }
    let (report, verified) = try await verification(
      of: target, trust: trust, forReplay: true, in: federwerk, progress: progress)
    guard let verified else { return (report, nil) }
    if let position, position < 0 || position >= Int64(verified.checkpoint.size) {
      throw ConfigurationProblem("the log has \(verified.checkpoint.size) events; --position does not lie among them")
    }
    let replay = try await with(target, in: federwerk) { source in
      try await Replay.run(through: end, of: verified, in: &source, validAt: day) {
        if isTold($0) { progress("\(name): \($0.value) events folded") }
      }
    }
    let replayed = ReplayReport(
      target: name, position: replay.plan?.size.lastPosition?.value,
      recordedAt: replay.plan?.lastRecordedAt?.description, validAt: replay.atEnd?.validAt.description,
      foldVersion: Plan.foldVersion,
      views: (replay.atEnd?.digests ?? []).map {
        .init(view: $0.view.text, version: $0.version, digest: $0.digest.text)
      },
      comparisons: replay.comparisons.map {
        .init(
          position: $0.position.value, recordedBy: $0.recordedBy.value, view: $0.view, verdict: $0.verdict.rawValue)
      })
    return (report, replayed)
  }

  private static func name(of target: AuditTarget) -> String {
    switch target {
    case .bundle(let path): path
    case .address(let address, _): address
    case .plan(let plan): plan
    }
  }

  /// Lends the target's source, from its start.
  private static func with<R>(
    _ target: AuditTarget, in federwerk: Federwerk?, _ body: (inout any AuditSource) async throws -> R
  ) async throws -> R {
    switch target {
    case .bundle(let path):
      return try await FileInput.with(path) { file in
        var source: any AuditSource = BundleSource(file)
        return try await body(&source)
      }
    case .address(let address, let token):
      var source: any AuditSource = HTTPLogSource(address: address, token: token)
      return try await body(&source)
    case .plan(let reference):
      guard let federwerk else { preconditionFailure("a plan is read from the database") }
      let log = LogID(plan: try await federwerk.planID(reference))
      var source: any AuditSource = PublishedLogSource(federwerk.publisher.published(log))
      return try await body(&source)
    }
  }
}

/// What exporting came to.
public struct AuditExportReport: Codable, Sendable {
  public let plan: String
  public let file: String
  public let origin: String
  public let size: Int64
  public let root: String

  public var text: String { "\(plan): \(size) events as of \(origin) written to \(file), root \(root)" }
}

extension Federwerk {
  /// Writes the bundle of a plan as of its newest checkpoint, which is published first where that is due.
  /// - Parameter path: `<plan>-<size>.tar` unless given.
  public func exportAudit(
    of reference: String, to path: String?, withDisclosures: Bool, progress: @escaping @Sendable (String) -> Void
  ) async throws -> AuditExportReport {
    let id = try await planID(reference)
    let logID = LogID(plan: id)
    guard let checkpoint = try await publisher.publish(logID), let last = checkpoint.size.lastPosition,
      let plan = try await service.plan(id, at: .position(last))
    else { throw ConfigurationProblem("\(reference) has no checkpoint yet; run federwerk log status \(reference)") }
    let published = publisher.published(logID)
    try requireOwnPolicy(checkpoint, published, reference)
    let recordedAt = plan.lastRecordedAt ?? Timestamp(microsecondsSinceEpoch: 0)
    let file = path ?? "\(plan.slug)-\(checkpoint.size.value).tar"
    let planFile = PlanFileWriter.yaml(from: plan, on: plan.today(at: recordedAt))
    try await FileOutput.with(file) { output in
      try await AuditBundle.write(
        published, as: checkpoint, plan: Array(planFile.utf8),
        modifiedAt: UInt64(max(0, recordedAt.microsecondsSinceEpoch / 1_000_000)), withDisclosures: withDisclosures,
        to: &output
      ) { written in
        if Auditing.isTold(written) {
          progress("\(reference): \(written.value) of \(checkpoint.size.value) events written")
        }
      }
    }
    let body = try Checkpoint(noteText: SignedNote(parsing: Array(checkpoint.note.utf8)).text)
    return AuditExportReport(
      plan: reference, file: file, origin: body.origin, size: checkpoint.size.value, root: body.root.base64)
  }

  /// A checkpoint that was published before its policy or key changed does not fit them; the next event brings one that
  /// does.
  private func requireOwnPolicy(
    _ checkpoint: StoredCheckpoint, _ published: PublishedLog, _ reference: String
  ) throws {
    let note = try SignedNote(parsing: Array(checkpoint.note.utf8))
    let origin = try Checkpoint(noteText: note.text).origin
    do { _ = try published.policy(of: origin).verify(note) } catch {
      throw ConfigurationProblem(
        "the newest checkpoint was published before the witnesses or the keys were changed, and does not fit them "
          + "(\(error)); the next event brings a new one, for instance: federwerk audit digest \(reference)")
    }
  }

  /// Records what all views of a plan show now.
  public func recordViewDigests(of reference: String) async throws -> String {
    switch try await service.recordViewDigests(of: planID(reference)) {
    case .nothingNew: return "\(reference): nothing happened since the digests were recorded last"
    case .asked(let position, .done):
      return "\(reference): the digests of all views after position \(position.value) are recorded"
    case .asked(_, .refused(let refusal)): throw refusal
    case .asked(_, .unavailable(let reason)): throw reason
    case .asked: throw ConfigurationProblem("another program is just recording the digests; try again in a moment")
    }
  }

  /// The proof that the log of one size begins as that of another, or as it is published now, as JSON.
  public func consistencyProof(of reference: String, from: Int64, to: Int64?) async throws -> String {
    let log = LogID(plan: try await planID(reference))
    let newest = try await service.store.checkpoint(of: log, sizeMax: nil)?.size ?? .zero
    let head = try await service.store.head(of: log)?.size ?? .zero
    let (old, new) = (LogSize(from), to.map { LogSize($0) } ?? max(newest, LogSize(from)))
    guard from >= 0, old <= new, new <= head else {
      throw ConfigurationProblem("--from is at most --to, and --to at most \(head.value), the size of the log")
    }
    guard let proof = try await publisher.published(log).consistency(from: old, to: new) else {
      throw ConfigurationProblem("the stored log contradicts the published one; run federwerk verify \(reference)")
    }
    return String(decoding: proof.canonicalBytes, as: UTF8.self)
  }

  /// The proof that the newest checkpoint covers an event, as a file.
  public func proof(of reference: String, position: Int64) async throws -> String {
    let log = LogID(plan: try await planID(reference))
    let position = try Position(asked: position)
    func covers(_ checkpoint: StoredCheckpoint) -> Bool { position < checkpoint.size.nextPosition }
    var newest = try await service.store.checkpoint(of: log, sizeMax: nil)
    if newest.map(covers) != true {
      // Where witnesses keep a newer one back, the newest that is published counts.
      do { newest = try await publisher.publish(log) ?? newest } catch is QuorumMissing {}
    }
    guard let checkpoint = newest, covers(checkpoint) else {
      throw ConfigurationProblem("the newest checkpoint of \(reference) does not cover position \(position.value)")
    }
    guard let proof = try await publisher.published(log).proof(of: position, in: checkpoint) else {
      throw ConfigurationProblem("the stored log contradicts the published one; run federwerk verify \(reference)")
    }
    return String(decoding: proof.bytes, as: UTF8.self)
  }
}
