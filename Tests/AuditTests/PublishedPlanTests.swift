import Audit
import Coordination
import EventSourcing
import HangLimit
import Logging
import PlanService
import Projections
import TamperEvidence
import Testing

/// From a command to the archive of an auditor: a plan with texts that can be erased, and with recorded digests.
@Suite(.hangLimit)
struct PublishedPlanTests {
  private static let plan = EntityID(high: 0x7000, low: 0x8000_0000_0000_0009)
  private static let now = Timestamp(microsecondsSinceEpoch: 1_551_441_600_000_000)

  @Test func `a plan is verified and replayed from its archive, with and without its texts`() async throws {
    let log = try await published()
    for withDisclosures in [true, false] {
      let bundle = try await log.bundle(withDisclosures: withDisclosures)
      let verification = try await verify(bundle)
      #expect(verification.findings == [])
      #expect(verification.disclosedCount == (withDisclosures ? 3 : 0))
      #expect(verification.withheldCount == (withDisclosures ? 0 : 3))
      var source: any AuditSource = BundleSource(MemoryInput(bundle))
      let replay = try await Replay.run(
        through: .whole, of: #require(verification.verified), in: &source, progress: { _ in })
      #expect(replay.comparisons.count == ViewDigest.versions.count)
      #expect(replay.comparisons.allSatisfy { $0.verdict == .equal })
      #expect(replay.plan?.slug == "industriestadt")
      #expect(replay.plan?.size == log.checkpoint.size)
    }
  }

  @Test func `the store itself is replayed as an archive is`() async throws {
    let log = try await published()
    var source: any AuditSource = PublishedLogSource(log.files)
    let verified = try await AuditVerification.run(
      &source, parallelism: 2, keepingRecordings: true, progress: { _, _ in }
    ).verified
    source = PublishedLogSource(log.files)
    let replay = try await Replay.run(through: .whole, of: #require(verified), in: &source, progress: { _ in })
    #expect(replay.plan?.size == log.checkpoint.size)
    #expect(!replay.comparisons.isEmpty && replay.comparisons.allSatisfy { $0.verdict == .equal })
  }

  private struct Published {
    let files: PublishedLog
    let checkpoint: StoredCheckpoint

    func bundle(withDisclosures: Bool) async throws -> [UInt8] {
      var output = MemoryOutput()
      try await AuditBundle.write(
        files, as: checkpoint, plan: [], modifiedAt: 0, withDisclosures: withDisclosures, to: &output,
        progress: { _ in })
      return output.bytes
    }
  }

  /// Carries out a few commands, records what the views show, and publishes the log.
  private func published() async throws -> Published {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let (memory, highWater) = (InMemoryEventLog { Self.now }, HighWater(folder: nil))
    let service = PlanService(
      store: memory, commandHash: CommandHash(secret: [UInt8](repeating: 7, count: 32)), highWater: highWater,
      originPrefix: "plans.test",
      configuration: PlanServiceConfiguration(), localTime: { Self.now }, logger: logger)
    let publisher = CheckpointPublisher(service: service, highWater: highWater, keys: Keys.logKeys, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      defer { group.cancelAll() }
      for (index, (command, json)) in Self.story.enumerated() {
        let request = try Self.request(command, json, key: "k-\(index)")
        let answer =
          await index == 0 ? service.create(request, plan: Self.plan) : service.submit(request, to: Self.plan)
        guard case .done = answer else { throw Refused(answer: "\(command): \(answer)") }
      }
      guard case .asked(_, .done) = try await service.recordViewDigests(of: Self.plan) else {
        throw Refused(answer: "no digests")
      }
      let log = LogID(plan: Self.plan)
      let checkpoint = try #require(try await publisher.publish(log))
      return Published(files: publisher.published(log), checkpoint: checkpoint)
    }
  }

  private struct Refused: Error { let answer: String }

  private static func request(_ command: String, _ json: JSON, key: String) throws -> CommandRequest {
    let kind = try #require(CommandCatalogue.byName[command])
    func read<Kind: PlanCommand>(_ kind: Kind.Type) throws -> any PlanCommand { try kind.record.read(json) }
    let actor = PlanActor(id: .user(EntityID(high: 1, low: 1)), role: .coordinator, institution: "senweb")
    return CommandRequest(
      actor: actor, key: key, commands: [RequestedCommand(try read(kind))], canonicalBody: json.canonicalBytes)
  }

  private static let story: [(String, JSON)] = [
    ("create-plan", ["slug": "industriestadt", "title": "Industriestadt"]),
    (
      "register-plan-version",
      [
        "slug": "a", "title": "A", "from": "2018-05-01", "until": "2021-12-31",
        "ladder": [["slug": "lead", "title": "L"], ["slug": "skip", "title": "S"]],
      ]
    ),
    ("add-action-field", ["number": 1, "slug": "innovation", "title": "Innovation"]),
    ("add-theme-cluster", ["actionField": "innovation", "slug": "netz", "title": "Netz"]),
    ("add-task-field", ["cluster": "netz", "number": 1, "title": "Ausbau"]),
    ("add-measure", ["cluster": "netz", "taskField": 1, "numeral": "I", "title": "Kabel"]),
    ("register-institution", ["slug": "senweb", "name": "SenWEB", "kind": "body"]),
    ("assign-lead", ["measure": "netz.1.I", "institution": "senweb"]),
    ("raise-issue", ["measure": "netz.1.I", "kind": "question", "text": "Wann?"]),
    ("report-progress", ["measure": "netz.1.I", "institution": "senweb", "condition": "on-track", "text": "Bald."]),
    ("appoint-contact", ["institution": "senweb", "name": "N. N."]),
  ]
}
