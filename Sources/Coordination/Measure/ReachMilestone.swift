package import EventSourcing

/// Says that a milestone was reached, today or on a day before (§10).
package struct ReachMilestone: PlanCommand {
  package static let name = "reach-milestone"
  package static let summary = LocalizedText(de: "Meilenstein erreichen", en: "Reach a milestone")
  package static let roles = Set<Role>.delivery
  package static let facts: [any PlanFact.Type] = [MilestoneReached.self]
  package static let record = Record(
    Self.init(measure:milestone:on:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("milestone", \.milestone),
    Field("on", \.on, de: "wann; sonst das Wirkdatum", en: "when; the effective date unless given"))

  package let measure: MeasureReference
  package let milestone: Identifier<Measure.Milestone>
  package let on: LocalDate?

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.requireInDelivery(measure, context)
    _ = try measure.requireMilestone(milestone)
    let day = on ?? context.effectiveDate
    try ensure(day <= context.today, .futureDate(day, field: "on"))
    return [NewEvent(measure.subject, MilestoneReached(milestone: milestone, on: day))]
  }
}
