package import EventSourcing

/// When something happened, and which event says so.
package struct Mark: Hashable, Sendable {
  package let date: LocalDate
  package let position: Position

  init(_ record: EventRecord) {
    date = record.effectiveDate
    position = record.position
  }
}
