internal import Coordination
internal import EventSourcing
internal import TamperEvidence

extension PreparedEvent {
  /// The event as the next one of a plan's log; what this build cannot read makes the plan unavailable.
  func available(in plan: Plan) throws(Unavailability) -> ReadEvent {
    do throws(UnreadableEvent) { return try next(in: plan) } catch { throw .unreadableEvent(error.position) }
  }
}

/// A prepared event with its leaf hash.
struct PreparedLeaf: Sendable {
  let event: PreparedEvent
  let leafHash: MerkleHash

  init(_ position: Position, _ entry: UnsafeRawBufferPointer) {
    event = PreparedEvent(position, entry)
    leafHash = MerkleTree.leafHash(entry)
  }
}

/// Folds stored events into a plan and its tree, in position order, and notices what does not fit.
struct LogReplay: Sendable {
  private(set) var plan: Plan
  private(set) var frontier = MerkleFrontier()
  private(set) var epoch = 1
  /// Whether it was found to be what the log's head says since it changed last.
  private(set) var isWhole = false

  init(plan: EntityID) { self.plan = Plan(id: plan) }

  init(plan: Plan, frontier: MerkleFrontier, epoch: Int) {
    self.plan = plan
    self.frontier = frontier
    self.epoch = epoch
  }

  /// Forgets what it was compared with: the log may be another one since.
  mutating func doubt() { isWhole = false }

  /// Compares it with a head of the log, whose epoch it takes over.
  mutating func compare(with head: LogHead) {
    epoch = head.epoch
    isWhole = plan.size == head.size && frontier.root.bytes == head.root
  }

  mutating func apply(_ leaf: PreparedLeaf) throws(Unavailability) {
    let read = try leaf.event.available(in: plan)
    plan.apply(read.fact, EventRecord(read.envelope))
    epoch = read.envelope.epoch
    frontier.append(leaf.leafHash)
    isWhole = false
  }
}
