public import EventSourcing

/// Says when a measure comes in time (zeitliche Priorisierung, §9).
public struct PrioritiseMeasure: PlanCommand {
  public static let name = "prioritise-measure"
  public static let summary = LocalizedText(de: "Maßnahme zeitlich priorisieren", en: "Prioritise a measure in time")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [MeasurePrioritised.self]
  public static let record = Record(
    Self.init(measure:rank:horizon:reason:),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("rank", \.rank, de: "Rang ab 1", en: "rank, 1 is first"),
    Field("horizon", \.horizon, de: "Zeithorizont des Plans", en: "one of the plan's horizons"),
    Field("reason", \.reason, de: "Grund; nötig bei einer Änderung", en: "reason; needed for a change")
  ).withAny("rank", "horizon")

  public let measure: MeasureReference
  public let rank: Int?
  public let horizon: Slug?
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.requireInDelivery(measure, context)
    try ensure(
      rank != nil || horizon != nil,
      Label.invalid(field: "rank", de: "Rang oder Zeithorizont angeben.", en: "Give a rank, a horizon or both."))
    try ensure(
      rank ?? 1 >= 1,
      Refusal(
        .rule, "rank-too-small", field: "rank", de: "Der erste Rang ist 1.", en: "The first rank is 1."))
    if let horizon {
      let horizons = try plan.requireVersion(of: measure).horizons
      try ensure(
        horizons.contains(horizon.text),
        Refusal(
          .rule, "unknown-horizon", field: "horizon", de: "Diesen Zeithorizont kennt der Plan nicht.",
          en: "The plan has no such horizon.", facts: [.init("horizons", .array(horizons.map { .string($0) }))]))
    }
    let priority = Measure.Priority(rank: rank, horizon: horizon?.text)
    guard priority != measure.priorities.value(at: context.effectiveDate) else { return [] }
    try ensure(
      measure.priorities.last == nil || reason != nil || plan.adoption(of: measure.subject) == nil,
      .reasonNeeded(de: "die Priorität ändert sich", en: "the priority changes"))
    return [
      NewEvent(measure.subject, MeasurePrioritised(rank: rank, horizon: horizon, reason: Disclosable(reason)))
    ]
  }
}
