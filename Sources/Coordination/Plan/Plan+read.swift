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
    try read(event.body, at: event.position)
  }

  /// Reads the entry that comes next in the plan's log, without folding it.
  package func read(
    _ entry: [UInt8], at position: Position
  ) throws(UnreadableEvent) -> (fact: any PlanFact, envelope: EventEnvelope) {
    func unreadable(_ reason: UnreadableEvent.Reason) -> UnreadableEvent {
      UnreadableEvent(position: position, reason: reason)
    }
    guard let (envelope, data) = EventEnvelope.decode(entry) else { throw unreadable(.malformed) }
    guard envelope.log.plan == id, envelope.position == position, position == size.nextPosition else {
      throw unreadable(.misplaced)
    }
    guard let fact = FactCatalogue.fact(type: envelope.type, data: data) else {
      throw unreadable(.unknownFacts(type: envelope.type))
    }
    return (fact, envelope)
  }
}
