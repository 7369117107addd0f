package import EventSourcing

/// Lets a new secret sign the deliveries of a webhook. The one before signs beside it until the next exchange, so that
/// the receiver can change over in its own time.
package struct RotateWebhookSecret: PlanCommand {
  package static let name = "rotate-webhook-secret"
  package static let summary = LocalizedText(
    de: "Geheimnis einer Zustelladresse wechseln", en: "Rotate the secret of a webhook")
  package static let roles = Set<Role>.office
  package static let isForClosedPlans = true
  package static let facts: [any PlanFact.Type] = [WebhookSecretRotated.self]
  package static let record = Record(Self.init(webhook:), Field("webhook", \.webhook))

  package let webhook: Identifier<Webhook>

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    [NewEvent(try plan.requireWebhook(webhook).subject, WebhookSecretRotated())]
  }
}
