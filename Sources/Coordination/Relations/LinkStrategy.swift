public import EventSourcing

/// Links a measure to another strategy.
public struct LinkStrategy: PlanCommand {
  public static let name = "link-strategy"
  public static let summary = LocalizedText(de: "Mit Strategie verknüpfen", en: "Link a measure to a strategy")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [StrategyLinked.self]
  public static let record = Record(
    Self.init(id:measure:strategy:source:), Field("id", \.id), Field("measure", \.measure),
    Field("strategy", \.strategy), Field("source", \.source))

  public let id: Identifier<Link>?
  public let measure: MeasureReference
  public let strategy: Slug
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    let strategy = try plan.requireStrategy(strategy, field: "strategy")
    try plan.requireCited(source)
    let link = id ?? Identifier(context.newID())
    try plan.requireNewLink(
      .strategy, link, from: measure.id, to: .strategy(strategy.id), on: context.effectiveDate, field: "strategy")
    return [
      NewEvent(measure.subject, StrategyLinked(link: link, strategy: Identifier(strategy.id), source: source))
    ]
  }
}
