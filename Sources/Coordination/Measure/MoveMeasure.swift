public import EventSourcing

/// Moves a measure to another task field; its code changes with it, the old one keeps naming it (§6).
public struct MoveMeasure: PlanCommand {
  public static let name = "move-measure"
  public static let summary = LocalizedText(de: "Maßnahme umhängen", en: "Move a measure to another task field")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [MeasureMoved.self]
  public static let record = Record(
    Self.init(measure:cluster:taskField:numeral:reason:source:),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("cluster", \.cluster, de: "Themencluster", en: "theme cluster"),
    Field(
      "taskField", \.taskField, de: "Nummer des Aufgabenfelds, 1 wo keine gedruckt ist",
      en: "task field number, 1 where none is printed"),
    Field("numeral", \.numeral, de: "Nummer dort; sonst die bisherige", en: "numeral there; the same unless given"),
    Field("reason", \.reason, de: "Grund", en: "reason; needed once the plan is adopted"),
    Field("source", \.source, de: "Fundstellen", en: "citations; needed once the plan is adopted"))

  public let measure: MeasureReference
  public let cluster: Slug
  public let taskField: Int
  public let numeral: Numeral?
  public let reason: FreeText?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    try measure.requireWhole(field: "measure")
    let cluster = try plan.requireCluster(cluster, field: "cluster")
    let field = try plan.requireTaskField(taskField, of: cluster)
    let place = measure.place(on: context.effectiveDate)
    let numeral = numeral ?? place.numeral
    let code = "\(plan.code(of: field)).\(numeral)"
    guard code != place.code else { return [] }
    try plan.requireFreeCode(
      code, in: measure.version, from: context.effectiveDate, for: measure.id, field: "numeral")
    try plan.requireGrounds(reason, source, toChange: measure.subject, context)
    return [
      NewEvent(
        measure.subject,
        MeasureMoved(
          taskField: Identifier(field.id), numeral: numeral, code: try Label(code, field: "numeral"),
          reason: Disclosable(reason), source: source))
    ]
  }
}

extension Measure {
  /// What is done to a measure as a whole is not done to one part of it.
  func requireWhole(field: String) throws(Refusal) {
    try ensure(
      parent == nil,
      Refusal(
        .rule, "part-of-a-whole", field: field, de: "Eine Teilmaßnahme geht mit ihrer Maßnahme.",
        en: "A sub-measure goes where its measure goes."))
  }
}
