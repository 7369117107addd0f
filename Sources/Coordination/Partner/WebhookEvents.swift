public import EventSourcing

public struct WebhookRegistered: PlanFact {
  public static let type = "org.federwerk.webhook.registered.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(feed:address:), Field("feed", \.feed), Field("address", \.address, circle: .internal))

  public let feed: Identifier<PartnerFeed>
  /// Where deliveries go is the business of the partner and the office.
  public let address: WebhookAddress?

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.webhooks.append(Webhook(id: record.subject.id, feed: feed.value, address: address))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: feed, record)
    return LocalizedText(
      de: "Die Ereignisse des Abos \(name) werden zugestellt.", en: "The events of the feed \(name) are delivered.")
  }
}

/// The receiver is asked before anything is delivered (CloudEvents webhook handshake).
public struct WebhookConsentRequired: PlanFact {
  public static let type = "org.federwerk.webhook.consent-required.v1"
  public static let circle = Circle.partners
  public static let record = Record(Self.init)

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(webhook: record.subject.id) { $0.asksFirst = true }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Zugestellt wird erst, wenn die Adresse zustimmt.", en: "Nothing is delivered before the address consents.")
  }
}

public struct WebhookSecretRotated: PlanFact {
  public static let type = "org.federwerk.webhook.secret-rotated.v1"
  public static let circle = Circle.partners
  public static let record = Record(Self.init)

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(webhook: record.subject.id) { $0.generation += 1 }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Ein neues Geheimnis unterschreibt die Zustellungen.", en: "A new secret signs the deliveries.")
  }
}

public struct WebhookRemoved: PlanFact {
  public static let type = "org.federwerk.webhook.removed.v1"
  public static let circle = Circle.partners
  public static let record = Record(Self.init(reason:), Field("reason", \.reason))

  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(webhook: record.subject.id) { $0.isRemoved = true }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(de: "Nichts wird dorthin mehr zugestellt.", en: "Nothing is delivered there any more.")
  }
}

/// An address to which the events of a feed are delivered.
public struct Webhook: Hashable, Sendable {
  public let id: EntityID
  public let feed: EntityID
  /// Nil for those who may not know it.
  public let address: WebhookAddress?
  /// Whether the receiver must consent before anything is delivered.
  public internal(set) var asksFirst = false
  /// Which secret signs; the one before signs too.
  public internal(set) var generation = 1
  public internal(set) var isRemoved = false

  public var subject: Subject { Subject("webhooks", id) }
}

extension Plan {
  fileprivate mutating func change(webhook id: EntityID, _ body: (inout Webhook) -> Void) {
    guard let index = webhooks.firstIndex(where: { $0.id == id }) else { return }
    body(&webhooks[index])
  }

  func requireWebhook(_ id: Identifier<Webhook>) throws(Refusal) -> Webhook {
    guard let webhook = webhooks.first(where: { $0.id == id.value }) else {
      throw .unknown("webhook", id.description, field: "webhook", de: "Zustelladresse", en: "webhook")
    }
    try ensure(
      !webhook.isRemoved,
      Refusal(
        .conflict, "webhook-removed", field: "webhook", de: "Die Zustelladresse ist schon entfernt.",
        en: "The webhook has been removed."))
    return webhook
  }
}
