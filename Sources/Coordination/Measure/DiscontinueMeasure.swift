package import EventSourcing

/// Discontinues a measure; one of an adopted plan only by a decision (§50).
package struct DiscontinueMeasure: PlanCommand {
  package static let name = "discontinue-measure"
  package static let summary = LocalizedText(de: "Maßnahme einstellen", en: "Discontinue a measure")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [MeasureDiscontinued.self]
  package static let record = Record(
    Self.init(measure:decision:reason:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field(
      "decision", \.decision, de: "Kennung oder Fundstelle des Beschlusses; nötig, wenn der Plan beschlossen ist",
      en: "id or reference of the decision; needed once the plan is adopted"),
    Field("reason", \.reason, de: "Grund", en: "reason"))

  package let measure: MeasureReference
  package let decision: Label?
  package let reason: FreeText

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
