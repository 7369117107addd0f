public import EventSourcing

/// Highlights a measure (Leuchtturm, herausgehoben, §49): it gets a chapter of its own in the reports.
public struct HighlightMeasure: PlanCommand {
  public static let name = "highlight-measure"
  public static let summary = LocalizedText(de: "Maßnahme herausheben", en: "Highlight a measure")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [MeasureHighlighted.self]
  public static let record = Record(
    Self.init(measure:reason:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("reason", \.reason, de: "Grund", en: "reason"))

  public let measure: MeasureReference
  public let reason: FreeText

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    try plan.requireNotDiscontinued(measure, on: context.effectiveDate)
    try ensure(
      measure.highlighted == nil,
      Refusal(
        .conflict, "already-highlighted", field: "measure", de: "Diese Maßnahme ist schon herausgehoben.",
        en: "This measure is already highlighted."))
    return [NewEvent(measure.subject, MeasureHighlighted(reason: Disclosable(reason)))]
  }
}
