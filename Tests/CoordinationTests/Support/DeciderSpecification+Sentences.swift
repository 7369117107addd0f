import Coordination
import EventSourcing
import PlanSpecification
import Testing

extension DeciderSpecification {
  /// Sends a command that must be accepted, folds its event, and returns the sentence that is told about it.
  mutating func told(
    _ command: String, _ json: JSON, as actor: PlanActor = .office, on effectiveDate: LocalDate? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> LocalizedText {
    let events = try when(command, json, as: actor, on: effectiveDate).result.get()
    let event = try #require(events.first, sourceLocation: sourceLocation)
    let position = plan.size.nextPosition
    record(events, as: actor, on: effectiveDate ?? today)
    let stored = try #require(
      FactCatalogue.fact(type: type(of: event.fact).type, data: event.storedData()), sourceLocation: sourceLocation)
    return stored.sentence(
      in: plan,
      EventRecord(
        position: position, subject: event.subject, recordedAt: Timestamp(microsecondsSinceEpoch: 0),
        effectiveDate: effectiveDate ?? today, actor: actor.id, recordedSource: .api))
  }

  /// Measure I of the masterplan.
  var measure: Measure {
    get throws { try #require(plan.measure("fachkraefte.1.I")) }
  }
}
