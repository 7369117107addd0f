package import EventSourcing

/// Highlights a measure (Leuchtturm, herausgehoben, §49): it gets a chapter of its own in the reports.
package struct HighlightMeasure: PlanCommand {
  package static let name = "highlight-measure"
  package static let summary = LocalizedText(de: "Maßnahme herausheben", en: "Highlight a measure")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [MeasureHighlighted.self]
  package static let record = Record(
    Self.init(measure:reason:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("reason", \.reason, de: "Grund", en: "reason"))

  package let measure: MeasureReference
  package let reason: FreeText

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
