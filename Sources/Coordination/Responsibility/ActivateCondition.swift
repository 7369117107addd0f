public import EventSourcing

/// Records that the condition of a dormant assignment came true (§41). The text of the condition stays.
public struct ActivateCondition: PlanCommand {
  public static let name = "activate-condition"
  public static let summary = LocalizedText(de: "Bedingung eingetreten", en: "Record that a condition came true")
  public static let roles = Set<Role>.participants
  public static let facts: [any PlanFact.Type] = [ConditionActivated.self]
  public static let record = Record(
    Self.init(assignment:reason:source:), Field("assignment", \.assignment),
    Field("reason", \.reason, de: "Beleg, wenn er nicht gedruckt ist", en: "evidence, where none is printed"),
    Field("source", \.source))

  public let assignment: Identifier<Assignment>
  public let reason: FreeText?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let (known, measure) = try plan.require(assignment)
    try plan.requireNamedOrOffice(known, context)
    try ensure(
      known.state(on: context.effectiveDate) == .dormant,
      Refusal(
        .conflict, "not-dormant", field: "assignment", de: "Diese Zuordnung ruht nicht.",
        en: "This assignment is not dormant.",
        facts: [.init("state", .string(known.state(on: context.effectiveDate).rawValue))]))
    try plan.requireLedHere(measure, for: known.role, from: context.effectiveDate, until: known.until)
    try plan.requireEvidence(reason, source)
    var active = known
    active.activeFrom = context.effectiveDate
    try plan.check(active, in: measure, field: "assignment")
    return [
      NewEvent(
        measure.subject,
        ConditionActivated(
          assignment: assignment, from: context.effectiveDate, reason: Disclosable(reason), source: source))
    ]
  }
}

extension Plan {
  /// What changes the reading of the plan needs a source, in print or in words (§41).
  func requireEvidence(_ reason: FreeText?, _ source: [Citation]) throws(Refusal) {
    try ensure(
      reason != nil || !source.isEmpty,
      Refusal(
        .rule, "source-needed", field: "source", de: "Bitte eine Fundstelle oder einen Beleg angeben.",
        en: "A citation or a reason is needed."))
    try requireCited(source)
  }
}
