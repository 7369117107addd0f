internal import Coordination
internal import EventSourcing
internal import TamperEvidence

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

  mutating func apply(_ event: StoredEvent) throws(Unavailability) {
    let (fact, envelope) = try plan.readAvailable(event)
    plan.apply(fact, EventRecord(envelope))
    epoch = envelope.epoch
    frontier.append(MerkleTree.leafHash(event.body))
  }
}

extension Plan {
  /// Reads the next event; what this build cannot read makes the plan unavailable.
  func readAvailable(
    _ event: StoredEvent
  ) throws(Unavailability) -> (fact: any PlanFact, envelope: EventEnvelope) {
    do throws(UnreadableEvent) { return try read(event) } catch { throw .unreadableEvent(error.position) }
  }
}
