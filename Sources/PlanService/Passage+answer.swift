internal import Coordination
public import EventSourcing
public import Projections

extension PlanService.Passage {
  /// What differs, one item for each subject.
  public var items: [ViewItem] { PlanComparison.items(from: before, to: after, events: events) }

  /// What an answer tells of the passage as a whole, around the subjects that it lists.
  public func answer(listing subjects: [JSON], of subjectCount: Int, _ more: [JSON.Member] = []) -> JSON {
    .object(
      [
        .init("from", Self.moment(of: before)), .init("to", Self.moment(of: after)),
        .init("eventCount", .integer(Int64(events.values.reduce(0) { $0 + $1.count }))),
        .init("subjectCount", .integer(Int64(subjectCount))), .init("subjects", .array(subjects)),
      ] + more + (after.isSimulated ? [.init("simulated", true)] : []))
  }

  private static func moment(of plan: Plan) -> JSON {
    ["position": plan.size.lastPosition.map { .integer($0.value) } ?? .null]
  }
}
