internal import Coordination
internal import EventSourcing
internal import TamperEvidence

/// An event as far as it can be worked on without those before it. An object, because a page of them changes hands.
final class PreparedEvent: Sendable {
  let position: Position
  /// When it says that it was recorded; nil where the bytes are no event at all.
  let recordedAt: Timestamp?
  private let read: Result<ReadEvent, UnreadableEvent>

  init(_ position: Position, _ entry: UnsafeRawBufferPointer) {
    self.position = position
    read = Result { () throws(UnreadableEvent) in try ReadEvent(entry, at: position) }
    switch read {
    case .success(let event): recordedAt = event.envelope.time
    case .failure: recordedAt = entry.withMemoryRebound(to: UInt8.self) { EntryHead(reading: $0)?.time }
    }
  }

  /// The event as the next one of a plan's log; what this build cannot read makes the plan unavailable.
  func available(in plan: Plan) throws(Unavailability) -> ReadEvent {
    do throws(UnreadableEvent) {
      let event = try read.get()
      try plan.require(event, at: position)
      return event
    } catch {
      throw .unreadableEvent(error.position)
    }
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

  init(plan: EntityID) { self.plan = Plan(id: plan) }

  init(plan: Plan, frontier: MerkleFrontier, epoch: Int) {
    self.plan = plan
    self.frontier = frontier
    self.epoch = epoch
  }

  mutating func apply(_ leaf: PreparedLeaf) throws(Unavailability) {
    let read = try leaf.event.available(in: plan)
    plan.apply(read.fact, EventRecord(read.envelope))
    epoch = read.envelope.epoch
    frontier.append(leaf.leafHash)
  }
}
