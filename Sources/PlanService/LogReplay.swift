internal import Coordination
internal import EventSourcing
internal import TamperEvidence

/// An event as far as it can be worked on without those before it.
struct PreparedEvent: Sendable {
  let stored: StoredEvent
  private let read: Result<ReadEvent, UnreadableEvent>

  private init(_ stored: StoredEvent) {
    self.stored = stored
    read = Result { () throws(UnreadableEvent) in try ReadEvent(stored.body, at: stored.position) }
  }

  /// A page of events; what cannot be read is told when it is reached.
  @Sendable static func page(_ events: [StoredEvent]) -> [PreparedEvent] { events.map { PreparedEvent($0) } }

  /// The event as the next one of a plan's log; what this build cannot read makes the plan unavailable.
  func available(in plan: Plan) throws(Unavailability) -> ReadEvent {
    do throws(UnreadableEvent) {
      let event = try read.get()
      try plan.require(event, at: stored.position)
      return event
    } catch {
      throw .unreadableEvent(error.position)
    }
  }
}

/// Folds stored events into a plan and its tree, in position order, and notices what does not fit.
struct LogReplay: Sendable {
  /// An event with its leaf hash.
  struct Entry: Sendable {
    fileprivate let event: PreparedEvent
    fileprivate let leafHash: MerkleHash

    @Sendable static func page(_ events: [StoredEvent]) -> [Entry] {
      zip(PreparedEvent.page(events), events).map { Entry(event: $0, leafHash: MerkleTree.leafHash($1.body)) }
    }
  }

  private(set) var plan: Plan
  private(set) var frontier = MerkleFrontier()
  private(set) var epoch = 1

  init(plan: EntityID) { self.plan = Plan(id: plan) }

  init(plan: Plan, frontier: MerkleFrontier, epoch: Int) {
    self.plan = plan
    self.frontier = frontier
    self.epoch = epoch
  }

  mutating func apply(_ entry: Entry) throws(Unavailability) {
    let read = try entry.event.available(in: plan)
    plan.apply(read.fact, EventRecord(read.envelope))
    epoch = read.envelope.epoch
    frontier.append(entry.leafHash)
  }
}
