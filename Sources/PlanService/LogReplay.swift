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

  /// - Returns: what the event says, for those who tell about it.
  @discardableResult
  mutating func apply(_ event: StoredEvent) throws(Unavailability) -> (fact: any PlanFact, envelope: EventEnvelope) {
    guard let (envelope, data) = EventEnvelope.decode(event.body), envelope.position == event.position,
      event.position == plan.size.nextPosition, envelope.log.plan == plan.id,
      let fact = FactCatalogue.fact(type: envelope.type, data: data)
    else { throw .unreadableEvent(event.position) }
    plan.apply(fact, EventRecord(envelope))
    epoch = envelope.epoch
    frontier.append(MerkleTree.leafHash(event.body))
    return (fact, envelope)
  }
}
