public import EventSourcing

/// When something happened, and which event says so.
public struct Mark: Hashable, Sendable {
  public let date: LocalDate
  public let position: Position

  init(_ record: EventRecord) {
    date = record.effectiveDate
    position = record.position
  }
}
