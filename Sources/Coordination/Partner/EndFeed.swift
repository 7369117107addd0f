package import EventSourcing

/// Ends a feed: nothing is added to it any more, and what it holds stays readable.
package struct EndFeed: PlanCommand {
  package static let name = "end-feed"
  package static let summary = LocalizedText(de: "Abo beenden", en: "End a feed")
  package static let roles = Set<Role>.office
  package static let isForClosedPlans = true
  package static let facts: [any PlanFact.Type] = [FeedEnded.self]
  package static let record = Record(Self.init(feed:reason:), Field("feed", \.feed), Field("reason", \.reason))

  package let feed: Slug
  package let reason: FreeText?

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    [NewEvent(try plan.requireFeed(feed).subject, FeedEnded(reason: Disclosable(reason)))]
  }
}
