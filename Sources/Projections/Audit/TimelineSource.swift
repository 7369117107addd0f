public import EventSourcing

/// A page of the audit timeline.
public struct TimelinePage: Sendable {
  /// Entries as they are answered, see `TimelineEntry.json`.
  public let entries: [JSON]
  /// The cursor of the page after; nil at the end.
  public let next: Position?

  public init(entries: [JSON], next: Position?) {
    self.entries = entries
    self.next = next
  }
}

/// Where the audit timeline is read from: folded from a log, or stored as rows.
public protocol TimelineSource: Sendable {
  /// The entries up to a position that a query matches.
  /// - Returns: nil when the source is not as new as `last` yet.
  /// - Throws: `Unavailability` or a failure of the store.
  func page(of plan: EntityID, through last: Position, matching query: TimelineQuery) async throws -> TimelinePage?
}
