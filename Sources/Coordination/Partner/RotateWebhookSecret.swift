public import EventSourcing

/// Lets a new secret sign the deliveries of a webhook. The one before signs beside it until the next exchange, so that
/// the receiver can change over in its own time.
public struct RotateWebhookSecret: PlanCommand {
  public static let name = "rotate-webhook-secret"
  public static let summary = LocalizedText(
    de: "Geheimnis einer Zustelladresse wechseln", en: "Rotate the secret of a webhook")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [WebhookSecretRotated.self]
  public static let record = Record(Self.init(webhook:), Field("webhook", \.webhook))

  public let webhook: Identifier<Webhook>

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    [NewEvent(try plan.requireWebhook(webhook).subject, WebhookSecretRotated())]
  }
}
