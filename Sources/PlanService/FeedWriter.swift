internal import Coordination
public import EventSourcing
public import Logging
public import ServiceLifecycle
internal import TamperEvidence

/// Keeps the feeds of partner systems: each is a log of its own, made of what its contract covers of the plan's log.
///
/// A feed follows from the plan's log alone, so any number of servers may keep it: whoever comes second conflicts and
/// goes on where the first ended. Its newest event links to the plan's leaf that it was made of; recovery reads that
/// link and continues with the next leaf, so nothing is issued twice and nothing left out.
public struct FeedWriter: Service {
  private let service: PlanService
  private let logger: Logger

  public init(service: PlanService, logger: Logger) {
    self.service = service
    self.logger = logger
  }

  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        var kept: Set<EntityID> = []
        while !Task.isCancelled {
          for plan in service.plansWithFeeds where kept.insert(plan).inserted {
            group.addTask { await self.keep(plan) }
          }
          // Ends early on cancellation; the loop condition sees it.
          try? await Task.sleep(for: service.configuration.feedLookInterval)
        }
      }
    }
  }

  private func keep(_ plan: EntityID) async {
    while !Task.isCancelled {
      do {
        try await service.store.withGrowthHints(of: LogID(plan: plan)) { hints in
          var round = FeedRound(plan: plan)
          try await round.catchUp(service)
          for await _ in hints { try await round.catchUp(service) }
        }
      } catch {
        logger.debug("feeds of a plan wait", metadata: ["plan": "\(plan)", "reason": "\(error)"])
        // Cancellation ends the pause early; the loop condition sees it.
        try? await Task.sleep(for: service.configuration.troubleRetryPause)
      }
    }
  }

  /// Brings the feeds of a plan level with its log, once.
  public func catchUp(_ plan: EntityID) async throws {
    var round = FeedRound(plan: plan)
    try await round.catchUp(service)
  }
}

/// One pass over the log of a plan, with the feeds as far as they have come.
private struct FeedRound {
  /// A feed's own log, and what is to be added to it.
  fileprivate struct Own {
    let id: EntityID
    let log: LogID
    var head: LogHead?
    /// The first position of the plan's log that is not in it.
    var next: Position
    var pending: [Pending] = []
  }

  fileprivate struct Pending {
    let fact: any PlanFact
    let envelope: EventEnvelope
    let leafHash: MerkleHash
    /// Set where the contract lets disclosures come along.
    let circle: FeedCircle?
  }

  private static let batchCountMax = 256

  private var folds: Folds
  private var own: [EntityID: Own] = [:]
  /// That of the plan's log as it is now.
  private var epoch = 1
  private var salts = DisclosureSink()

  init(plan: EntityID) { folds = Folds(plan) }

  /// Who takes part knows of all feeds.
  private var plan: Plan { folds.partners }

  mutating func catchUp(_ service: PlanService) async throws {
    let main = LogID(plan: plan.id)
    if let trouble = service.trouble(of: plan.id) { throw trouble }
    guard let head = try await service.store.head(of: main) else { return }
    epoch = head.epoch
    try await forEachEvent(through: head.size, service) { round, leaf, service in
      try await round.take(leaf, service)
    }
  }

  private mutating func forEachEvent(
    through size: LogSize, _ service: PlanService,
    _ take: (inout FeedRound, PreparedLeaf, PlanService) async throws -> Void
  ) async throws {
    try await service.store.forEachPage(
      of: LogID(plan: plan.id), from: plan.size.nextPosition, through: size.lastPosition,
      pageSize: service.configuration.replayPageSize, reading: PreparedLeaf.init, failing: { $0 as any Error }
    ) { page in
      for leaf in page { try await take(&self, leaf, service) }
      try await flush(service)
      return true
    }
  }

  // MARK: What goes where

  private mutating func take(_ leaf: PreparedLeaf, _ service: PlanService) async throws {
    let folded = try folds.apply(leaf)
    for feed in plan.feeds where own[feed.id] == nil { try await open(feed, service) }
    for feed in plan.feeds { consider(folded, for: feed) }
  }

  private mutating func consider(_ event: FoldedEvent, for feed: PartnerFeed) {
    let envelope = event.envelope
    guard let next = own[feed.id]?.next, envelope.position >= next,
      let contract = feed.contract(at: envelope.position)
    else { return }
    // What becomes of the feed itself its partner always learns.
    let isOwn = envelope.subject.id == feed.id
    guard let fact = event.known[isOwn ? .partners : contract.circle],
      isOwn || contract.covers(fact, EventRecord(envelope), in: folds[contract.circle])
    else { return }
    own[feed.id]?.pending.append(
      Pending(
        fact: fact, envelope: envelope, leafHash: event.leafHash,
        circle: contract.disclosures ? contract.circle : nil))
  }

  /// Finds out how far a feed has come, and issues what lies before its beginning if it was agreed that it has that.
  private mutating func open(_ feed: PartnerFeed, _ service: PlanService) async throws {
    var own = Own(
      id: feed.id, log: LogID(plan: plan.id, name: feed.logName), next: feed.hasHistory ? Position(0) : feed.began)
    try await own.reload(service.store)
    self.own[feed.id] = own
    guard own.next < feed.began else { return }
    var earlier = FeedRound(plan: plan.id)
    earlier.epoch = epoch
    earlier.own[feed.id] = own
    try await earlier.forEachEvent(through: LogSize(feed.began.value), service) { round, leaf, _ in
      round.consider(try round.folds.apply(leaf), for: feed)
    }
    self.own[feed.id] = earlier.own[feed.id]
  }

  // MARK: Adding to the feeds

  private mutating func flush(_ service: PlanService) async throws {
    for id in own.keys {
      while let feed = own[id], !feed.pending.isEmpty {
        let count = min(feed.pending.count, Self.batchCountMax)
        let (batch, next) = try await batch(of: feed, count: count, service)
        switch try await service.store.append(batch) {
        case .appended:
          own[id]?.head = batch.newHead
          own[id]?.next = next
          own[id]?.pending.removeFirst(count)
        case .conflict: try await own[id]?.reload(service.store)
        case .keysUsed, .slugTaken: throw EventLogFailure(.broken, "a feed's log cannot be begun")
        }
      }
    }
  }

  private mutating func batch(
    of feed: Own, count: Int, _ service: PlanService
  ) async throws -> (batch: AppendBatch, next: Position) {
    let pending = feed.pending.prefix(count)
    let digests = try await disclosed(Array(pending), service)
    let size = feed.head?.size ?? .zero
    var frontier = try MerkleFrontier(size: UInt64(size.value), bytes: feed.head?.frontier ?? [])
    var events: [StoredEvent] = []
    var links: [StoredDisclosure] = []
    // Not that of the originals: an earlier epoch of the feed, which a backup lacks, may have had something else here.
    let epoch = max(self.epoch, feed.head?.epoch ?? 1)
    for one in pending {
      let event = ReissuedEvent(
        log: feed.log, epoch: epoch, position: Position(size.value + Int64(events.count)),
        detail: Self.detail(of: one.envelope.subject, in: plan.id), original: one.envelope)
      let (entry, link) = encode(event, one.fact, digests[one.envelope.position] ?? [], one.leafHash.bytes)
      let leafHash = MerkleTree.leafHash(entry)
      frontier.append(leafHash)
      events.append(
        StoredEvent(
          position: event.position, type: one.envelope.type, subject: one.envelope.subject.description,
          effectiveDate: one.envelope.effectiveDate, recordedAt: one.envelope.time, body: entry,
          leafHash: leafHash.bytes))
      links.append(StoredDisclosure(position: event.position, digest: link.digest, encoded: link.encoded))
    }
    let head = LogHead(
      size: LogSize(size.value + Int64(count)), epoch: epoch, root: frontier.root.bytes, frontier: frontier.bytes,
      origin: service.origin(of: feed.log, epoch: epoch), lastRecordedAt: events.last?.recordedAt)
    let batch = AppendBatch(
      log: feed.log, creation: feed.head == nil ? .init(slug: plan.slug) : nil, expectedSize: size,
      expectedEpoch: feed.head?.epoch ?? epoch, newHead: head, events: events, disclosures: links, receipts: [])
    return (batch, pending.last?.envelope.position.sizeIncluding.nextPosition ?? feed.next)
  }

  private mutating func encode<Fact: PlanFact>(
    _ event: ReissuedEvent, _ fact: Fact, _ digests: [String], _ leafHash: [UInt8]
  ) -> (entry: [UInt8], link: Disclosure) {
    event.encode(fact, digests: digests, leafHash: leafHash, salts: &salts)
  }

  /// The digests of the values that come along, by position; what was erased meanwhile does not.
  private func disclosed(_ pending: [Pending], _ service: PlanService) async throws -> [Position: [String]] {
    let open = Dictionary(
      pending.compactMap { one in one.circle.map { (one.envelope.position, one.fact.names(disclosedTo: $0)) } },
      uniquingKeysWith: { first, _ in first }
    ).filter { !$0.value.isEmpty }
    guard !open.isEmpty else { return [:] }
    var digests: [Position: [String]] = [:]
    for disclosure in try await service.store.disclosures(of: LogID(plan: plan.id), at: Array(open.keys)) {
      guard let name = Disclosure(encoded: disclosure.encoded).content?.name,
        open[disclosure.position]?.contains(name) == true
      else { continue }
      digests[disclosure.position, default: []].append(disclosure.digest)
    }
    return digests
  }

  /// Where somebody with the right to it reads more about a subject.
  private static func detail(of subject: Subject, in plan: EntityID) -> String {
    switch subject.noun {
    case "measures": "/v1/plans/\(plan)/measures/\(subject.id)"
    case "institutions", "groups", "placeholders": "/v1/plans/\(plan)/institutions/\(subject.id)"
    case "issues": "/v1/plans/\(plan)/issues"
    default: "/v1/plans/\(plan)"
    }
  }
}

/// The plan as those know it who may follow it.
private struct Folds {
  private(set) var partners: Plan
  private var anybody: Plan

  init(_ plan: EntityID) {
    partners = Plan(id: plan, for: FeedCircle.partners.viewer)
    anybody = Plan(id: plan, for: FeedCircle.public.viewer)
  }

  subscript(circle: FeedCircle) -> Plan {
    switch circle {
    case .partners: partners
    case .public: anybody
    }
  }

  mutating func apply(_ leaf: PreparedLeaf) throws(Unavailability) -> FoldedEvent {
    let read = try leaf.event.available(in: partners)
    let record = EventRecord(read.envelope)
    var known: [FeedCircle: any PlanFact] = [:]
    known[.partners] = partners.apply(read.fact, record)
    known[.public] = anybody.apply(read.fact, record)
    return FoldedEvent(envelope: read.envelope, leafHash: leaf.leafHash, known: known)
  }
}

/// An event of the plan's log, with what each circle may know of its facts; nothing where it is hidden.
private struct FoldedEvent {
  let envelope: EventEnvelope
  let leafHash: MerkleHash
  let known: [FeedCircle: any PlanFact]
}

extension FeedRound.Own {
  /// Reads where the feed stands; the link of its newest event says what it was made of.
  fileprivate mutating func reload(_ store: any EventLog) async throws {
    head = try await store.head(of: log)
    guard let last = head?.size.lastPosition else { return }
    let disclosures = try await store.disclosures(of: log, at: [last])
    guard let made = disclosures.lazy.compactMap({ ReissuedEvent.linkedPosition($0.encoded) }).first else {
      throw EventLogFailure(.broken, "the newest event of the feed \(log.name) has lost its link to the plan's log")
    }
    next = made.sizeIncluding.nextPosition
    let next = next
    pending.removeAll { $0.envelope.position < next }
  }
}

extension PlanFact {
  /// The erasable fields that a circle may see.
  fileprivate func names(disclosedTo circle: FeedCircle) -> Set<String> {
    Set(
      Self.record.fields.filter { $0.isDisclosable && FactCatalogue.circle(of: $0, Self.self) >= circle.viewer.circle }
        .map(\.name))
  }
}
