public import Coordination
public import EventSourcing

/// What an auditor reads of one event: who did what, for whom, when it was recorded and from when it holds, and what it
/// changed. No text that can be erased.
public struct TimelineEntry: Hashable, Sendable {
  public let position: Position
  public let type: String
  public let recordedAt: Timestamp
  public let effectiveDate: LocalDate
  public let actor: ActorID
  public let onBehalfOf: Subject?
  public let subject: Subject
  public let recordedSource: RecordedSource
  public let sentence: LocalizedText
  public let changes: [FieldChange]
  /// The institutions, groups and placeholders that it is about, holds responsibilities of, or was recorded on behalf
  /// of.
  public let institutions: [EntityID]

  public var json: JSON {
    var members: [JSON.Member] = [
      .init("position", .integer(position.value)),
      .init("type", .string(type)),
      .init("recordedAt", .string(recordedAt.description)),
      .init("effectiveDate", .string(effectiveDate.description)),
      .init("actor", .string(actor.description)),
      .init("onBehalfOf", onBehalfOf.map { .string($0.description) } ?? .null),
      .init("subject", .string(subject.description)),
      .init("summary", ["de": .string(sentence.german), "en": .string(sentence.english)]),
      .init("changes", .array(changes.map(\.json))),
    ]
    if recordedSource == .simulation {
      // What was only rehearsed must not be mistaken for what happened.
      members += [.init("recordedSource", .string(recordedSource.rawValue)), .init("simulated", true)]
    }
    return .object(members)
  }
}

/// The timeline for auditors: every event with what it changed. One entry depends on one event and the two states
/// around it, so the timeline is written as the log grows and is rebuilt by folding the log.
public enum AuditTimeline {
  public static let name = "timeline"
  public static let version = 2

  /// Folds an event into a plan and tells what it did: how a timeline follows a log or is rebuilt from it.
  /// - Returns: nil when it is hidden from the plan's viewer.
  public static func apply(_ fact: any PlanFact, _ record: EventRecord, to plan: inout Plan) -> TimelineEntry? {
    let changes = SubjectDescription.remember(record.subject, in: plan)
    return plan.apply(fact, record).map { entry(for: $0, record, changes(plan), plan) }
  }

  public static func apply(_ fact: any PlanFact, _ envelope: EventEnvelope, to plan: inout Plan) -> TimelineEntry? {
    apply(fact, EventRecord(envelope), to: &plan)
  }

  private static func entry(
    for fact: any PlanFact, _ record: EventRecord, _ changes: [FieldChange], _ plan: Plan
  ) -> TimelineEntry {
    let about = [record.subject.id, record.onBehalfOf?.id].compactMap { $0 }
    return TimelineEntry(
      position: record.position, type: type(of: fact).type, recordedAt: record.recordedAt,
      effectiveDate: record.effectiveDate, actor: record.actor, onBehalfOf: record.onBehalfOf, subject: record.subject,
      recordedSource: record.recordedSource, sentence: fact.sentence(in: plan, record), changes: changes,
      institutions: institutions(in: about + fact.identifiers, plan))
  }

  /// The parties among the ids, and the holders of the assignments among them, each once.
  private static func institutions(in ids: [EntityID], _ plan: Plan) -> [EntityID] {
    var found: [EntityID] = []
    for id in ids {
      guard let institution = plan.parties[PartyID(id)]?.id.value ?? holder(ofAssignment: id, plan),
        !found.contains(institution)
      else { continue }
      found.append(institution)
    }
    return found
  }

  private static func holder(ofAssignment id: EntityID, _ plan: Plan) -> EntityID? {
    plan.measuresByAssignment[id].flatMap { plan.measures[$0] }?.assignments.first { $0.id == id }?.holder.value
  }
}
