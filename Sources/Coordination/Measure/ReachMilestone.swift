public import EventSourcing

/// Says that a milestone was reached, today or on a day before (§10).
public struct ReachMilestone: PlanCommand {
  public static let name = "reach-milestone"
  public static let summary = LocalizedText(de: "Meilenstein erreichen", en: "Reach a milestone")
  public static let roles = Set<Role>.delivery
  public static let facts: [any PlanFact.Type] = [MilestoneReached.self]
  public static let record = Record(
    Self.init(measure:milestone:on:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("milestone", \.milestone),
    Field("on", \.on, de: "wann; sonst das Wirkdatum", en: "when; the effective date unless given"))

  public let measure: MeasureReference
  public let milestone: Identifier<Measure.Milestone>
  public let on: LocalDate?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.requireInDelivery(measure, context)
    _ = try measure.requireMilestone(milestone)
    let day = on ?? context.effectiveDate
    try ensure(day <= context.today, .futureDate(day, field: "on"))
    return [NewEvent(measure.subject, MilestoneReached(milestone: milestone, on: day))]
  }
}
