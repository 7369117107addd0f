package import EventSourcing

/// Agrees on other terms for a feed. They hold for what comes after; what was fed before stays as it is.
package struct ChangeFeedContract: PlanCommand {
  package static let name = "change-feed-contract"
  package static let summary = LocalizedText(de: "Umfang eines Abos ändern", en: "Change what a feed covers")
  package static let roles = Set<Role>.office
  package static let isForClosedPlans = true
  package static let facts: [any PlanFact.Type] = [FeedContractChanged.self]
  package static let record = Record(Self.init(feed:terms:), Field("feed", \.feed), Field("terms", \.terms))

  package let feed: Slug
  package let terms: FeedTerms

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let feed = try plan.requireFeed(feed)
    let contract = try terms.contract(in: plan, context)
    guard contract != feed.contract else { return [] }
    return [NewEvent(feed.subject, FeedContractChanged(contract: contract))]
  }
}
