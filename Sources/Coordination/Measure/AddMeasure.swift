public import EventSourcing

/// Adds a measure (Maßnahme) to a task field; its code is made of cluster, task field and numeral (§6).
public struct AddMeasure: PlanCommand {
  public static let name = "add-measure"
  public static let summary = LocalizedText(de: "Maßnahme anlegen", en: "Add a measure")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [MeasureAdded.self]
  public static let record = Record(
    Self.init(id:cluster:taskField:numeral:title:kind:horizon:deliverables:note:source:),
    Field("id", \.id), Field("cluster", \.cluster, de: "Themencluster", en: "theme cluster"),
    Field(
      "taskField", \.taskField, de: "Nummer des Aufgabenfelds, 1 wo keine gedruckt ist",
      en: "task field number, 1 where none is printed"),
    Field("numeral", \.numeral), Field("title", \.title),
    Field("kind", \.kind, de: "Art; deliver, wenn nichts angegeben ist", en: "kind; deliver unless given"),
    Field("horizon", \.horizon, de: "Zeitangabe des Plans", en: "time condition of the plan"),
    Field("deliverables", \.deliverables),
    Field("note", \.note, de: "Anmerkung zur Vorlage", en: "remark on the source"),
    Field("source", \.source))

  public let id: MeasureID?
  public let cluster: Slug
  public let taskField: Int
  public let numeral: Numeral
  public let title: Label
  public let kind: Measure.Kind?
  public let horizon: Label?
  public let deliverables: [Label]
  public let note: Label?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try plan.requireCited(source)
    let cluster = try plan.requireCluster(cluster, field: "cluster")
    let field = try plan.requireTaskField(taskField, of: cluster)
    let code = "\(plan.code(of: field)).\(numeral)"
    try plan.requireFreeCode(code, in: plan.currentVersion?.id, from: context.effectiveDate, field: "numeral")
    return [
      NewEvent(
        Subject("measures", newID),
        MeasureAdded(
          taskField: Identifier(field.id), numeral: numeral, code: try Label(code, field: "numeral"), title: title,
          kind: kind ?? .deliver, horizon: horizon, deliverables: deliverables, note: note, source: source))
    ]
  }
}
