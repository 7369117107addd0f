public import EventSourcing

/// Agrees on other terms for a feed. They hold for what comes after; what was fed before stays as it is.
public struct ChangeFeedContract: PlanCommand {
  public static let name = "change-feed-contract"
  public static let summary = LocalizedText(de: "Umfang eines Abos ändern", en: "Change what a feed covers")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [FeedContractChanged.self]
  public static let record = Record(Self.init(feed:terms:), Field("feed", \.feed), Field("terms", \.terms))

  public let feed: Slug
  public let terms: FeedTerms

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let feed = try plan.requireFeed(feed)
    let contract = try terms.contract(in: plan, context)
    guard contract != feed.contract else { return [] }
    return [NewEvent(feed.subject, FeedContractChanged(contract: contract))]
  }
}
