public import EventSourcing

/// Ends a feed: nothing is added to it any more, and what it holds stays readable.
public struct EndFeed: PlanCommand {
  public static let name = "end-feed"
  public static let summary = LocalizedText(de: "Abo beenden", en: "End a feed")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [FeedEnded.self]
  public static let record = Record(Self.init(feed:reason:), Field("feed", \.feed), Field("reason", \.reason))

  public let feed: Slug
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    [NewEvent(try plan.requireFeed(feed).subject, FeedEnded(reason: Disclosable(reason)))]
  }
}
