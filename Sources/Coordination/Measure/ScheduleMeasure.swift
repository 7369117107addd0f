package import EventSourcing

/// Plans from when until when a measure is to be delivered (Zeitplan).
package struct ScheduleMeasure: PlanCommand {
  package static let name = "schedule-measure"
  package static let summary = LocalizedText(de: "Zeitplan festlegen", en: "Schedule a measure")
  package static let roles = Set<Role>.delivery
  package static let facts: [any PlanFact.Type] = [MeasureScheduled.self]
  package static let record = Record(
    Self.init(measure:from:until:reason:),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("from", \.from, de: "geplanter erster Tag", en: "first day planned"),
    Field("until", \.until, de: "geplanter letzter Tag", en: "last day planned"),
    Field("reason", \.reason, de: "Grund", en: "reason")
  ).withAny("from", "until")

  package let measure: MeasureReference
  package let from: LocalDate?
  package let until: LocalDate?
  package let reason: FreeText?

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
