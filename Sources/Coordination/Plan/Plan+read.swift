package import EventSourcing

/// Why an event of a log cannot be folded into a plan. Nothing after it can be, either.
package struct UnreadableEvent: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// Its bytes are not an event of ours.
    case malformed
    /// It is an event, but of another plan or position.
    case misplaced
    /// This build does not know its type, or its data do not fit it.
    case unknownFacts(type: String)
  }

  package let position: Position
  package let reason: Reason

  package init(position: Position, reason: Reason) {
    self.position = position
    self.reason = reason
  }
}

extension Plan {
  /// Reads the event that comes next in the plan's log, without folding it.
  package func read(
    _ event: StoredEvent
  ) throws(UnreadableEvent) -> (fact: any PlanFact, envelope: EventEnvelope) {
    func unreadable(_ reason: UnreadableEvent.Reason) -> UnreadableEvent {
      UnreadableEvent(position: event.position, reason: reason)
    }
    guard let (envelope, data) = EventEnvelope.decode(event.body) else { throw unreadable(.malformed) }
    guard envelope.log.plan == id, envelope.position == event.position, event.position == size.nextPosition else {
      throw unreadable(.misplaced)
    }
    guard let fact = FactCatalogue.fact(type: envelope.type, data: data) else {
      throw unreadable(.unknownFacts(type: envelope.type))
    }
    return (fact, envelope)
  }
}
