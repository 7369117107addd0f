package import EventSourcing

/// Ends the deliveries to an address.
package struct RemoveWebhook: PlanCommand {
  package static let name = "remove-webhook"
  package static let summary = LocalizedText(de: "Zustelladresse entfernen", en: "Remove a webhook")
  package static let roles = Set<Role>.office
  package static let isForClosedPlans = true
  package static let facts: [any PlanFact.Type] = [WebhookRemoved.self]
  package static let record = Record(
    Self.init(webhook:reason:), Field("webhook", \.webhook), Field("reason", \.reason))

  package let webhook: Identifier<Webhook>
  package let reason: FreeText?

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    [NewEvent(try plan.requireWebhook(webhook).subject, WebhookRemoved(reason: Disclosable(reason)))]
  }
}
