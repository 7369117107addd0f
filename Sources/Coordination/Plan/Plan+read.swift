public import EventSourcing

/// Why an event of a log cannot be folded into a plan. Nothing after it can be, either.
public struct UnreadableEvent: Error, Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// Its bytes are not an event of ours.
    case malformed
    /// It is an event, but of another plan or position.
    case misplaced
    /// This build does not know its type, or its data do not fit it.
    case unknownFacts(type: String)
  }

  public let position: Position
  public let reason: Reason

  public init(position: Position, reason: Reason) {
    self.position = position
    self.reason = reason
  }
}

extension UnreadableEvent: CustomStringConvertible {
  public var description: String {
    let why =
      switch reason {
      case .malformed: "its bytes are no event"
      case .misplaced: "it belongs to another plan or position"
      case .unknownFacts(let type): "this build does not know events of the type \(type), or not with such data"
      }
    return "the event at position \(position.value) cannot be read: \(why)"
  }
}

/// An event whose bytes were read; whether it is in its place is for the plan to say that it is folded into.
public final class ReadEvent: Sendable {
  public let fact: any PlanFact
  public let envelope: EventEnvelope

  /// - Parameters:
  ///   - entry: the stored bytes, which are lent for the call.
  ///   - position: at which the entry stands.
  public init(_ entry: UnsafeRawBufferPointer, at position: Position) throws(UnreadableEvent) {
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

/// An event as far as it can be worked on without those before it.
///
/// Reading takes longer than folding and needs no plan, so a long log is read in pages ahead of the fold; what cannot
/// be read is told when it is reached. An object, because the pages change hands.
public final class PreparedEvent: Sendable {
  public let position: Position
  /// When it says that it was recorded; nil where the bytes are no event at all.
  public let recordedAt: Timestamp?
  private let read: Result<ReadEvent, UnreadableEvent>

  public init(_ position: Position, _ entry: UnsafeRawBufferPointer) {
    self.position = position
    read = Result { () throws(UnreadableEvent) in try ReadEvent(entry, at: position) }
    switch read {
    case .success(let event): recordedAt = event.envelope.time
    case .failure: recordedAt = entry.withMemoryRebound(to: UInt8.self) { EntryHead(reading: $0)?.time }
    }
  }

  /// The event as the next one of a plan's log; refused where it is not that.
  public func next(in plan: Plan) throws(UnreadableEvent) -> ReadEvent {
    let event = try read.get()
    let envelope = event.envelope
    guard envelope.log.plan == plan.id, envelope.position == position, position == plan.size.nextPosition else {
      throw UnreadableEvent(position: position, reason: .misplaced)
    }
    return event
  }
}
