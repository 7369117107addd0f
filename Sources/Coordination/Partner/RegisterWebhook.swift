public import EventSourcing

/// Has the events of a feed delivered to an address of its partner system.
public struct RegisterWebhook: PlanCommand {
  public static let name = "register-webhook"
  public static let summary = LocalizedText(de: "Zustelladresse anlegen", en: "Register a webhook")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [WebhookRegistered.self, WebhookConsentRequired.self]
  public static let record = Record(
    Self.init(id:feed:address:handshake:), Field("id", \.id), Field("feed", \.feed),
    Field("address", \.address, de: "Adresse, die Zustellungen annimmt", en: "address that takes deliveries"),
    Field(
      "handshake", \.handshake, de: "erst nach Zustimmung der Adresse (CloudEvents)",
      en: "only after the receiver's consent (CloudEvents webhook handshake)"))

  public let id: Identifier<Webhook>?
  public let feed: Slug
  public let address: WebhookAddress
  public let handshake: Bool?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    let feed = try plan.requireFeed(feed)
    let isKnown = plan.webhooks.contains { !$0.isRemoved && $0.feed == feed.id && $0.address == address }
    try ensure(!isKnown, .taken("address", address.text, by: "webhook", field: "address"))
    let subject = Subject("webhooks", newID)
    let registered = NewEvent(subject, WebhookRegistered(feed: Identifier(feed.id), address: address))
    return handshake == true ? [registered, NewEvent(subject, WebhookConsentRequired())] : [registered]
  }
}
