public import EventSourcing

/// Plans from when until when a measure is to be delivered (Zeitplan).
public struct ScheduleMeasure: PlanCommand {
  public static let name = "schedule-measure"
  public static let summary = LocalizedText(de: "Zeitplan festlegen", en: "Schedule a measure")
  public static let roles = Set<Role>.delivery
  public static let facts: [any PlanFact.Type] = [MeasureScheduled.self]
  public static let record = Record(
    Self.init(measure:from:until:reason:),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("from", \.from, de: "geplanter erster Tag", en: "first day planned"),
    Field("until", \.until, de: "geplanter letzter Tag", en: "last day planned"),
    Field("reason", \.reason, de: "Grund", en: "reason")
  ).withAny("from", "until")

  public let measure: MeasureReference
  public let from: LocalDate?
  public let until: LocalDate?
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.requireInDelivery(measure, context)
    try ensure(
      from != nil || until != nil,
      Label.invalid(field: "from", de: "Beginn oder Ende angeben.", en: "Give a start, an end or both."))
    if let from, let until { try ensure(until >= from, .endBeforeStart(from, field: "until")) }
    let schedule = Measure.Schedule(from: from, until: until)
    guard schedule != measure.schedules.value(at: context.effectiveDate) else { return [] }
    return [NewEvent(measure.subject, MeasureScheduled(from: from, until: until, reason: Disclosable(reason)))]
  }
}
