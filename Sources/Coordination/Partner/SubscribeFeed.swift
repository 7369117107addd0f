public import EventSourcing

/// Begins a feed of its own for a partner system, with a contract that says what it covers (§46).
public struct SubscribeFeed: PlanCommand {
  public static let name = "subscribe-feed"
  public static let summary = LocalizedText(
    de: "Abo für ein Fachverfahren einrichten", en: "Subscribe a partner system to a feed")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [FeedSubscribed.self]
  public static let record = Record(
    Self.init(id:partner:slug:history:terms:), Field("id", \.id), Field("partner", \.partner),
    Field("slug", \.slug, de: "Kurzname des Abos", en: "slug of the feed"),
    Field(
      "history", \.history, de: "ob es mit dem Plan beginnt statt jetzt",
      en: "whether it begins with the plan instead of now"),
    Field("terms", \.terms))

  public let id: Identifier<PartnerFeed>?
  public let partner: Slug
  public let slug: Slug
  public let history: Bool?
  public let terms: FeedTerms

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    let partner = try plan.requirePartner(partner, field: "partner")
    try ensure(plan.feed(slug.text) == nil, .taken("slug", slug.text, by: "feed", field: "slug"))
    return [
      NewEvent(
        Subject("feeds", newID),
        FeedSubscribed(
          slug: slug, partner: Identifier(partner.id), history: history ?? false,
          contract: try terms.contract(in: plan, context)))
    ]
  }
}
