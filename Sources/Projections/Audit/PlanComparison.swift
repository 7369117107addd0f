public import Coordination
public import EventSourcing

/// What became of a plan between two positions of its log, as facts: for every subject that something happened to,
/// which of its values differ.
///
/// Values are compared as the audit timeline describes them: those that hold once everything recorded has taken effect.
public enum PlanComparison {
  public static let name = "comparison"
  public static let version = 1
  /// Positions of events listed for one subject; the count says how many there are.
  public static let eventsListedMax = 100

  /// One item for each subject with an event in between, in the order of their first ones.
  ///
  /// - Parameter events: the events in between, by the subjects that they are about.
  public static func items(from before: Plan, to after: Plan, events: [EntityID: [Position]]) -> [ViewItem] {
    let ordered = events.sorted { ($0.value.first ?? Position(0)) < ($1.value.first ?? Position(0)) }
    return ordered.compactMap { id, positions in
      guard let record = after.subjects[id] else { return nil }
      let subject = Subject(record.noun, id)
      let changes = SubjectDescription.remember(subject, in: before)(after)
      return ViewItem(
        key: id.description,
        json: [
          "subject": .string(subject.description), "name": .optional(after.slug(of: id)),
          "isNew": .bool(before.subjects[id] == nil), "changes": .array(changes.map(\.json)),
          "eventCount": .count(positions.count),
          "events": .array(positions.prefix(eventsListedMax).map { .integer($0.value) }),
        ])
    }
  }
}
