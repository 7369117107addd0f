public import EventSourcing

/// Ends the deliveries to an address.
public struct RemoveWebhook: PlanCommand {
  public static let name = "remove-webhook"
  public static let summary = LocalizedText(de: "Zustelladresse entfernen", en: "Remove a webhook")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [WebhookRemoved.self]
  public static let record = Record(
    Self.init(webhook:reason:), Field("webhook", \.webhook), Field("reason", \.reason))

  public let webhook: Identifier<Webhook>
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    [NewEvent(try plan.requireWebhook(webhook).subject, WebhookRemoved(reason: Disclosable(reason)))]
  }
}
