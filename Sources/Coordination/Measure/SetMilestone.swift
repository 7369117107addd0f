package import EventSourcing

/// Sets a date that a measure works towards (Meilenstein, §10).
package struct SetMilestone: PlanCommand {
  package static let name = "set-milestone"
  package static let summary = LocalizedText(de: "Meilenstein setzen", en: "Set a milestone")
  package static let roles = Set<Role>.delivery
  package static let facts: [any PlanFact.Type] = [MilestoneSet.self]
  package static let record = Record(
    Self.init(id:measure:title:due:mandatory:beyondTerm:reason:source:), Field("id", \.id),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"), Field("title", \.title),
    Field("due", \.due, de: "bis wann", en: "by when"),
    Field(
      "mandatory", \.mandatory, de: "ohne ihn ist die Maßnahme nicht abgeschlossen",
      en: "without it the measure is not complete"),
    Field("beyondTerm", \.beyondTerm, de: "liegt außerhalb der Laufzeit", en: "lies outside the plan's term"),
    Field("reason", \.reason, de: "Grund; nötig außerhalb der Laufzeit", en: "reason; needed outside the term"),
    Field("source", \.source))

  package let id: Identifier<Measure.Milestone>?
  package let measure: MeasureReference
  package let title: Label
  package let due: LocalDate
  package let mandatory: Bool?
  package let beyondTerm: Bool?
  package let reason: FreeText?
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.requireInDelivery(measure, context)
    try plan.requireCited(source)
    let milestone = id ?? Identifier(context.newID())
    if let holder = measure.milestones.first(where: { $0.id == milestone.value }) {
      throw .taken("id", milestone.description, by: holder.title, field: "id")
    }
    let isBeyond = try plan.requireVersion(of: measure).isBeyondTerm(due, flagged: beyondTerm, reason: reason)
    return [
      NewEvent(
        measure.subject,
        MilestoneSet(
          milestone: milestone, title: title, due: due, mandatory: mandatory == true ? true : nil,
          beyondTerm: isBeyond ? true : nil, reason: Disclosable(reason), source: source))
    ]
  }
}
