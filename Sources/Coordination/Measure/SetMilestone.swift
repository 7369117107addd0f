public import EventSourcing

/// Sets a date that a measure works towards (Meilenstein, §10).
public struct SetMilestone: PlanCommand {
  public static let name = "set-milestone"
  public static let summary = LocalizedText(de: "Meilenstein setzen", en: "Set a milestone")
  public static let roles = Set<Role>.delivery
  public static let facts: [any PlanFact.Type] = [MilestoneSet.self]
  public static let record = Record(
    Self.init(id:measure:title:due:mandatory:beyondTerm:reason:source:), Field("id", \.id),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"), Field("title", \.title),
    Field("due", \.due, de: "bis wann", en: "by when"),
    Field(
      "mandatory", \.mandatory, de: "ohne ihn ist die Maßnahme nicht abgeschlossen",
      en: "without it the measure is not complete"),
    Field("beyondTerm", \.beyondTerm, de: "liegt außerhalb der Laufzeit", en: "lies outside the plan's term"),
    Field("reason", \.reason, de: "Grund; nötig außerhalb der Laufzeit", en: "reason; needed outside the term"),
    Field("source", \.source))

  public let id: Identifier<Measure.Milestone>?
  public let measure: MeasureReference
  public let title: Label
  public let due: LocalDate
  public let mandatory: Bool?
  public let beyondTerm: Bool?
  public let reason: FreeText?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
