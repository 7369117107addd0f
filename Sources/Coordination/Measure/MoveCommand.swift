public import EventSourcing

/// A command that takes a measure one step along its life cycle. The steps differ in their rules, not in their data.
public protocol MoveCommand: PlanCommand {
  associatedtype Fact: MoveFact
  static var move: Measure.State.Move { get }
  static var isReasonNeeded: Bool { get }
  var measure: MeasureReference { get }
  var reason: FreeText? { get }
  init(measure: MeasureReference, reason: FreeText?)
  /// The rules of this step beyond those of the life cycle.
  func check(_ measure: Measure, _ context: DecisionContext) throws(Refusal)
}

extension MoveCommand {
  public static var isReasonNeeded: Bool { false }
  public static var facts: [any PlanFact.Type] { [Fact.self] }

  public static var record: Record<Self> {
    .shared {
      Record(
        { Self(measure: $0, reason: $1) }, Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
        Field("reason", \.reason, de: "Grund", en: "reason"))
    }
  }

  public func check(_ measure: Measure, _ context: DecisionContext) throws(Refusal) {}

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.requireOwn(measure, context)
    try plan.requireMove(Self.move, of: measure, on: context.effectiveDate)
    try check(measure, context)
    try ensure(
      !Self.isReasonNeeded || reason != nil,
      .reasonNeeded(de: "der Zustand ändert sich", en: "the state changes"))
    return [NewEvent(measure.subject, Fact(reason: Disclosable(reason)))]
  }
}
