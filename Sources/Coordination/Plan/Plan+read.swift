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

/// An event whose bytes were read; whether it is in its place is for the plan to say that it is folded into.
///
/// Reading takes longer than folding and needs no plan, so a long log is read in pages ahead of the fold. An object,
/// because the pages change hands.
package final class ReadEvent: Sendable {
  package let fact: any PlanFact
  package let envelope: EventEnvelope

  /// - Parameter position: at which the entry stands.
  package static func reading(_ entry: [UInt8], at position: Position) throws(UnreadableEvent) -> ReadEvent {
    let read = entry.withUnsafeBytes { bytes in
      Result { () throws(UnreadableEvent) in try ReadEvent(bytes, at: position) }
    }
    return try read.get()
  }

  /// Reads bytes that lie elsewhere than in an array, such as a row of a query result.
  package init(_ entry: UnsafeRawBufferPointer, at position: Position) throws(UnreadableEvent) {
    guard let (envelope, data) = EventEnvelope.decode(entry) else {
      throw UnreadableEvent(position: position, reason: .malformed)
    }
    guard let fact = FactCatalogue.fact(type: envelope.type, data: data) else {
      // What another log put there is out of place, whatever it is.
      throw UnreadableEvent(
        position: position,
        reason: envelope.position == position ? .unknownFacts(type: envelope.type) : .misplaced)
    }
    self.fact = fact
    self.envelope = envelope
  }
}

extension Plan {
  /// Refuses an event that is not the next one of the plan's log.
  package func require(_ event: ReadEvent, at position: Position) throws(UnreadableEvent) {
    guard event.envelope.log.plan == id, event.envelope.position == position, position == size.nextPosition else {
      throw UnreadableEvent(position: position, reason: .misplaced)
    }
  }

  /// Reads the event that comes next in the plan's log, without folding it.
  package func read(
    _ event: StoredEvent
  ) throws(UnreadableEvent) -> (fact: any PlanFact, envelope: EventEnvelope) {
    let read = try ReadEvent.reading(event.body, at: event.position)
    try require(read, at: event.position)
    return (read.fact, read.envelope)
  }
}
