internal import Coordination
internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
internal import PlanService
public import Webhooks

/// What the routes need to tell of deliveries.
public struct WebhookDesk: Sendable {
  let store: any DeliveryStore
  let keys: WebhookKeys
  let egress: EgressGuard

  public init(store: any DeliveryStore, keys: WebhookKeys, egress: EgressGuard) {
    self.store = store
    self.keys = keys
    self.egress = egress
  }
}

/// How deliveries go, for the partner system that gets them, auditors and the office.
extension Routes {
  private static let attemptsMax = 500

  @Sendable func webhooks(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    _ = try request.parameters([])
    let (plan, webhooks) = try await readableWebhooks(request, context)
    var described: [JSON] = []
    for webhook in webhooks { described.append(try await describe(webhook, in: plan)) }
    return Self.json(["webhooks": .array(described)])
  }

  @Sendable func webhook(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    _ = try request.parameters([])
    let (plan, webhook) = try await readableWebhook(request, context)
    return Self.json(["webhook": try await describe(webhook, in: plan)])
  }

  /// The public keys of its `v1a` signatures (RFC 7517).
  @Sendable func webhookKeys(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    _ = try request.parameters([])
    let (_, webhook) = try await readableWebhook(request, context)
    let keys = deliveries.keys.generations(upTo: webhook.generation, of: webhook.id)
    return Self.json(["keys": .array(keys.map(\.jwk))])
  }

  /// The newest attempts, and what was set aside.
  @Sendable func webhookDeliveries(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let values = try request.parameters(["limit"])
    let limit = try Request.limit(values["limit"], max: Self.attemptsMax) ?? 100
    let (plan, webhook) = try await readableWebhook(request, context)
    let id = WebhookID(plan: plan.id, id: webhook.id)
    let (attempts, parked) = try await stored {
      (
        try await deliveries.store.attempts(of: id, limit: limit),
        try await deliveries.store.parked(of: id, after: nil, limit: limit)
      )
    }
    return Self.json([
      "attempts": .array(
        attempts.map {
          [
            "id": .string($0.position.padded.description), "attemptedAt": .string($0.attemptedAt.description),
            "milliseconds": .integer(Int64($0.milliseconds)), "outcome": .string($0.outcome),
            "status": $0.status.map { .integer(Int64($0)) } ?? .null,
          ]
        }),
      "parked": .array(
        parked.map {
          [
            "id": .string($0.position.padded.description), "subject": .string($0.subject),
            "reason": .string($0.reason),
          ]
        }),
    ])
  }

  /// Begins again from an event; the receiver knows by its id what it has already.
  @Sendable func replayWebhook(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let (plan, webhook) = try await readableWebhook(request, context)
    try await refuseAuditor(request)
    let position = try await form(ReplayForm.self, of: request).from.position
    try await requireReach(position, of: LogID(plan: plan.id, name: feedLogName(of: webhook, in: plan)))
    let id = WebhookID(plan: plan.id, id: webhook.id)
    try await stored { try await deliveries.store.replay(id, from: position) }
    return Self.json(["webhook": try await describe(webhook, in: plan)])
  }

  // MARK: -

  private func readableWebhooks(
    _ request: Request, _ context: Context
  ) async throws(Problem) -> (plan: Plan, webhooks: [Webhook]) {
    let (plan, feeds) = try await readableFeeds(request, context)
    let readable = Set(feeds.map(\.id))
    return (plan, plan.webhooks.filter { readable.contains($0.feed) && !$0.isRemoved })
  }

  private func readableWebhook(_ request: Request, _ context: Context) async throws(Problem) -> (Plan, Webhook) {
    let reference = context.parameters.get("webhook") ?? ""
    let (plan, webhooks) = try await readableWebhooks(request, context)
    guard let webhook = webhooks.first(where: { $0.id.description == reference }) else {
      throw .unknown("webhook", String(reference.prefix(80)), de: "Zustelladresse")
    }
    return (plan, webhook)
  }

  private func feedLogName(of webhook: Webhook, in plan: Plan) -> String {
    PartnerFeed.logName(plan.slug(of: webhook.feed) ?? "")
  }

  private func describe(_ webhook: Webhook, in plan: Plan) async throws(Problem) -> JSON {
    let id = WebhookID(plan: plan.id, id: webhook.id)
    let state = try await stored { try await deliveries.store.state(of: id) }
    let keys = deliveries.keys.generations(upTo: webhook.generation, of: webhook.id)
    return [
      "id": .string(webhook.id.description), "feed": plan.slug(of: webhook.feed).map { .string($0) } ?? .null,
      "handshake": .bool(webhook.asksFirst), "consent": state.consent.map { .string($0.rate) } ?? .null,
      "address": webhook.address.map { .string($0.text) } ?? .null, "status": .string(state.status.rawValue),
      "next": .string(state.next.padded.description), "failures": .integer(Int64(state.failures)),
      "notBefore": state.notBefore.map { .string($0.description) } ?? .null,
      "reason": state.reason.map { .string($0) } ?? .null, "publicKeys": .array(keys.map { .string($0.publicKey) }),
    ]
  }

  private func stored<Value>(_ body: () async throws -> Value) async throws(Problem) -> Value {
    do { return try await body() } catch { throw Problem(Unavailability.storeUnavailable) }
  }

  /// Refuses an address inside, before anything is recorded of it (§46).
  func requireReachable(_ command: any PlanCommand, prefix: String) throws(Problem) {
    guard let address = (command as? RegisterWebhook)?.address, let objection = deliveries.egress.objection(to: address)
    else { return }
    throw Problem(
      .unprocessableContent, objection.rawValue, field: prefix.isEmpty ? "address" : "\(prefix).address",
      de: "Erlaubt sind https-Adressen im Internet und solche, die der Betrieb freigibt.",
      en: "Allowed are https addresses on the internet, and those that the operator allows.")
  }
}
