public import EventSourcing

/// Ends an examination (Prüfauftrag) with its result (§13); a no completes it as much as a yes.
public struct ConcludeExamination: PlanCommand {
  public static let name = "conclude-examination"
  public static let summary = LocalizedText(de: "Prüfauftrag abschließen", en: "Conclude an examination")
  public static let roles = Set<Role>.delivery
  public static let facts: [any PlanFact.Type] = [ExaminationConcluded.self]
  public static let record = Record(
    Self.init(measure:result:reason:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("result", \.result, de: "Ergebnis", en: "result"), Field("reason", \.reason, de: "Grund", en: "reason"))

  public let measure: MeasureReference
  public let result: Measure.ExaminationResult
  public let reason: FreeText

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.requireOwn(measure, context)
    try ensure(
      measure.kind == .examine,
      Refusal(
        .rule, "not-an-examination", field: "measure", de: "Diese Maßnahme ist kein Prüfauftrag.",
        en: "This measure is not an examination.", facts: [.init("kind", .string(measure.kind.rawValue))]))
    try plan.requireMove(.conclude, of: measure, on: context.effectiveDate)
    try measure.requireNoOpenMilestones(on: context.effectiveDate)
    return [NewEvent(measure.subject, ExaminationConcluded(result: result, reason: Disclosable(reason)))]
  }
}
