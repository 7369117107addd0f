public import EventSourcing

/// Moves a milestone to another date; the earlier ones stay known.
public struct RescheduleMilestone: PlanCommand {
  public static let name = "reschedule-milestone"
  public static let summary = LocalizedText(de: "Meilenstein verschieben", en: "Reschedule a milestone")
  public static let roles = Set<Role>.delivery
  public static let facts: [any PlanFact.Type] = [MilestoneRescheduled.self]
  public static let record = Record(
    Self.init(measure:milestone:due:beyondTerm:reason:),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"), Field("milestone", \.milestone),
    Field("due", \.due, de: "bis wann", en: "by when"),
    Field("beyondTerm", \.beyondTerm, de: "liegt außerhalb der Laufzeit", en: "lies outside the plan's term"),
    Field("reason", \.reason, de: "Grund; nötig außerhalb der Laufzeit", en: "reason; needed outside the term"))

  public let measure: MeasureReference
  public let milestone: Identifier<Measure.Milestone>
  public let due: LocalDate
  public let beyondTerm: Bool?
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.requireInDelivery(measure, context)
    let known = try measure.requireMilestone(milestone)
    let isBeyond = try plan.requireVersion(of: measure).isBeyondTerm(due, flagged: beyondTerm, reason: reason)
    guard due != known.dues.value(at: context.effectiveDate)?.date else { return [] }
    return [
      NewEvent(
        measure.subject,
        MilestoneRescheduled(
          milestone: milestone, due: due, beyondTerm: isBeyond ? true : nil, reason: Disclosable(reason)))
    ]
  }
}
