public import EventSourcing

/// Registers a strategy or programme that the plan refers to.
public struct RegisterStrategy: PlanCommand {
  public static let name = "register-strategy"
  public static let summary = LocalizedText(de: "Strategie anlegen", en: "Register a strategy or programme")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [StrategyRegistered.self]
  public static let record = Record(
    Self.init(id:slug:title:source:), Field("id", \.id), Field("slug", \.slug), Field("title", \.title),
    Field("source", \.source))

  public let id: Identifier<Strategy>?
  public let slug: Slug
  public let title: Label
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
