import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

extension DeciderSpecification {
  /// The audit timeline of everything that was folded, made entry by entry as a rebuild makes it.
  func timeline(from first: Int = 0, source: RecordedSource = .api, for viewer: Viewer = .office) -> [TimelineEntry] {
    var plan = Plan(id: plan.id, for: viewer)
    var entries: [TimelineEntry] = []
    for (fact, record, actor) in history {
      let isWanted = record.position.value >= Int64(first)
      let envelope = EventEnvelope(
        log: LogID(plan: plan.id), epoch: 1, position: record.position, type: type(of: fact).type,
        subject: record.subject, time: record.recordedAt, effectiveDate: record.effectiveDate, actor: record.actor,
        onBehalfOf: actor.institution.flatMap { plan.party($0) }?.subject, commandID: id(0).value,
        correlationID: id(0).value, causationID: nil, recordedSource: source)
      let entry = AuditTimeline.apply(fact, envelope, to: &plan)
      if isWanted, let entry { entries.append(entry) }
    }
    return entries
  }

  /// The entries of what a story does.
  mutating func entries(of story: (inout DeciderSpecification) -> Void) -> [TimelineEntry] {
    let first = history.count
    story(&self)
    return timeline(from: first)
  }

  /// The sheet of measure I on a day.
  func sheet(on date: String) -> JSON {
    plan.measure("fachkraefte.1.I").map { MeasureSheet.json($0, plan, day(date)) } ?? .null
  }
}

extension TimelineEntry {
  /// Its changes as an auditor reads them.
  var told: [String] { changes.map { "\($0.field): \($0.before.text) → \($0.after.text)" } }
}

extension JSON {
  var text: String { String(decoding: canonicalBytes, as: UTF8.self) }
}
