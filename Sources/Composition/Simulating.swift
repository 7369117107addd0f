internal import Coordination
internal import EventLogPostgres
internal import EventSourcing
internal import PlanImport
internal import PlanService
internal import Simulation
internal import TamperEvidence

/// What somebody wants simulated.
public struct SimulationOrder: Sendable {
  /// How often each measure may be there at most.
  public static let scaleMax = 1_000

  let file: PlanFile
  let terms: SimulationTerms
  /// Of the copy.
  public let slug: String

  /// - Parameters:
  ///   - from: first month, YYYY-MM.
  ///   - to: last month, YYYY-MM.
  ///   - slug: of the copy; the plan's own with `-simulation` unless given.
  public init(planFile: String, from: String, to: String, seed: UInt64, scale: Int, slug: String?) throws {
    guard let period = SimulationTerms.period(from: from, to: to) else {
      throw ConfigurationProblem("\(from) to \(to) is no period; wanted are months such as 2018-09, in their order")
    }
    guard (1...Self.scaleMax).contains(scale) else {
      throw ConfigurationProblem("the scale is 1 to \(Self.scaleMax), not \(scale)")
    }
    file = try Federwerk.planFile(at: planFile)
    terms = SimulationTerms(period: period, seed: seed, scale: scale)
    self.slug = slug ?? "\(PlanImporter.planSlug(of: file))-simulation"
  }
}

extension SimulationOrder {
  /// Made of what is ordered: ids of what a plan holds follow from its own, and decide which comes first.
  var planID: EntityID {
    let period = "\(terms.period.lowerBound)/\(terms.period.upperBound)"
    let hash = MerkleTree.leafHash(Array("simulation \(slug) \(period) \(terms.seed) \(terms.scale)".utf8)).bytes
    let (high, low) = (hash[..<8], hash[8..<16])
    func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    // Version 8 of RFC 9562: an id whose bits mean something to its maker only.
    return EntityID(
      high: number(high) & 0xFFFF_FFFF_FFFF_0FFF | 0x8000, low: number(low) & 0x3FFF_FFFF_FFFF_FFFF | 1 << 63)
  }
}

/// What a simulation left in the database.
public struct SimulationReport: Sendable, Codable {
  public let plan: String
  public let from: String
  public let to: String
  public let seed: UInt64
  public let scale: Int
  public let events: Int64
  public let commands: Int
  /// Commands that the rules refused, by command and code; they left nothing behind.
  public let refused: [String: Int]

  public var text: String {
    let refusals = refused.values.reduce(0, +)
    let detail = refused.sorted { $0.key < $1.key }.map { "\n  \($0.key): \($0.value)" }.joined()
    return """
      Simulated \(plan) from \(from) to \(to) (seed \(seed), scale \(scale)): \(events) events of \(commands) commands, \
      \(refusals) refused. Nothing of it happened.
      """ + detail
  }
}

extension Federwerk {
  public func hasPlan(_ slug: String) async throws -> Bool { try await service.plan(slug) != nil }

  /// Writes a made-up history of a copy of a plan, which shows in every view that it is one.
  ///
  /// Times of recording are those of the simulated days, so the plan's log begins in the past. A run that is stopped
  /// leaves a plan with a shorter history. The same terms on the same file give the same history.
  ///
  /// - Throws: `ConfigurationProblem` when the plan is there already or the file cannot be carried out.
  public func simulate(
    _ order: SimulationOrder, progress: @Sendable (String) -> Void
  ) async throws -> SimulationReport {
    let (slug, terms) = (order.slug, order.terms)
    guard try await service.plan(slug) == nil else {
      throw ConfigurationProblem("there is a plan \(slug) already; choose another name with --slug")
    }
    let id = LogID(plan: order.planID)
    var run = try SimulationRun(
      terms, opening: try Self.opening(order, plan: id.plan), onto: Plan(id: id.plan))
    var frontier = MerkleFrontier()
    var sink = DisclosureSink()
    var head = LogHead(
      size: .zero, epoch: 1, root: [], frontier: [], origin: service.origin(of: id, epoch: 1), lastRecordedAt: nil)
    while let events = run.nextBatch() {
      var batch = AppendBatch(
        log: id, creation: head.size == .zero ? AppendBatch.Creation(slug: slug) : nil, expectedSize: head.size,
        expectedEpoch: 1, newHead: head, events: [], disclosures: [], receipts: [])
      for event in events {
        let envelope = event.envelope
        let body = envelope.encode(event.fact, disclosing: &sink)
        let leafHash = MerkleTree.leafHash(body)
        frontier.append(leafHash)
        batch.events.append(
          StoredEvent(
            position: envelope.position, type: envelope.type, subject: envelope.subject.description,
            effectiveDate: envelope.effectiveDate, recordedAt: envelope.time, body: body, leafHash: leafHash.bytes))
        batch.disclosures += sink.takeDisclosures().map {
          StoredDisclosure(position: envelope.position, digest: $0.digest, encoded: $0.encoded)
        }
        batch.erasures += event.fact.erasures
        head.lastRecordedAt = envelope.time
        head.size = envelope.position.sizeIncluding
      }
      head.root = frontier.root.bytes
      head.frontier = frontier.bytes
      batch.newHead = head
      guard case .appended = try await log.append(batch) else {
        throw ConfigurationProblem("the plan \(slug) was changed by somebody else while it was simulated")
      }
      progress("\(slug): \(head.lastRecordedAt?.utcDate.description ?? ""), \(head.size.value) events")
    }
    return SimulationReport(
      plan: slug, from: terms.period.lowerBound.description, to: terms.period.upperBound.description, seed: terms.seed,
      scale: terms.scale, events: head.size.value, commands: run.commandCount,
      refused: Dictionary(uniqueKeysWithValues: run.refusals.map { ("\($0.key.command) \($0.key.code)", $0.value) }))
  }

  /// What the plan file says, under a name that tells what it is.
  private static func opening(
    _ order: SimulationOrder, plan: EntityID
  ) throws -> SimulationOpening {
    let proposal = PlanImporter.propose(
      order.file, onto: nil, planID: plan, today: order.terms.period.lowerBound)
    guard !proposal.isFatal else {
      throw ConfigurationProblem("the plan file has fatal findings; run: federwerk import FILE --dry-run")
    }
    let commands = try proposal.commands.map { command -> any PlanCommand in
      guard let creation = command as? CreatePlan else { return command }
      return CreatePlan(
        slug: try Slug(order.slug, field: "slug"),
        title: try Label("Simulation: \(creation.title.text)", field: "title"),
        source: creation.source)
    }
    return SimulationOpening(commands: commands, effectiveDate: proposal.effectiveDate)
  }
}
