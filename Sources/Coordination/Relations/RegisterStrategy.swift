package import EventSourcing

/// Registers a strategy or programme that the plan refers to.
package struct RegisterStrategy: PlanCommand {
  package static let name = "register-strategy"
  package static let summary = LocalizedText(de: "Strategie anlegen", en: "Register a strategy or programme")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [StrategyRegistered.self]
  package static let record = Record(
    Self.init(id:slug:title:source:), Field("id", \.id), Field("slug", \.slug), Field("title", \.title),
    Field("source", \.source))

  package let id: Identifier<Strategy>?
  package let slug: Slug
  package let title: Label
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try plan.requireCited(source)
    try ensure(
      !plan.strategies.contains { $0.slug == slug.text }, .taken("slug", slug.text, by: "strategy", field: "slug"))
    return [NewEvent(Subject("strategies", newID), StrategyRegistered(slug: slug, title: title, source: source))]
  }
}

extension Plan {
  func requireStrategy(_ slug: Slug, field: String) throws(Refusal) -> Strategy {
    guard let strategy = strategies.first(where: { $0.slug == slug.text }) else {
      throw .unknown("programme", slug.text, field: field, de: "Strategie oder Programm", en: "strategy or programme")
    }
    return strategy
  }
}
