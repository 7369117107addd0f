public import EventSourcing

/// Discontinues a measure; one of an adopted plan only by a decision (§50).
public struct DiscontinueMeasure: PlanCommand {
  public static let name = "discontinue-measure"
  public static let summary = LocalizedText(de: "Maßnahme einstellen", en: "Discontinue a measure")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [MeasureDiscontinued.self]
  public static let record = Record(
    Self.init(measure:decision:reason:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field(
      "decision", \.decision, de: "Kennung oder Fundstelle des Beschlusses; nötig, wenn der Plan beschlossen ist",
      en: "id or reference of the decision; needed once the plan is adopted"),
    Field("reason", \.reason, de: "Grund", en: "reason"))

  public let measure: MeasureReference
  public let decision: Label?
  public let reason: FreeText

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    try plan.requireMove(.discontinue, of: measure, on: context.effectiveDate)
    try ensure(
      decision != nil || plan.adoption(of: measure.subject) == nil,
      Refusal(
        .rule, "decision-needed", field: "decision",
        de: "Der Plan ist beschlossen; eingestellt wird nur durch einen Beschluss.",
        en: "The plan has been adopted; only a decision discontinues a measure."))
    return [NewEvent(measure.subject, MeasureDiscontinued(decision: decision, reason: Disclosable(reason)))]
  }
}
