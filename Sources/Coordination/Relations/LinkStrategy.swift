package import EventSourcing

/// Links a measure to another strategy.
package struct LinkStrategy: PlanCommand {
  package static let name = "link-strategy"
  package static let summary = LocalizedText(de: "Mit Strategie verknüpfen", en: "Link a measure to a strategy")
  package static let roles = Set<Role>.office
  package static let isForClosedPlans = true
  package static let facts: [any PlanFact.Type] = [StrategyLinked.self]
  package static let record = Record(
    Self.init(id:measure:strategy:source:), Field("id", \.id), Field("measure", \.measure),
    Field("strategy", \.strategy), Field("source", \.source))

  package let id: Identifier<Link>?
  package let measure: MeasureReference
  package let strategy: Slug
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
