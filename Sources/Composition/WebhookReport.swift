internal import Coordination
internal import EventSourcing
internal import PlanService
internal import Webhooks

/// A webhook as the command line shows it.
public struct WebhookReport: Sendable, Codable {
  public let id: String
  public let feed: String
  public let address: String
  public let status: String
  public let reason: String?
  /// Those that sign now, the newest first.
  public private(set) var secrets: [String]
  public let publicKeys: [String]

  public var withoutSecrets: WebhookReport {
    var report = self
    report.secrets = []
    return report
  }

  /// The webhooks of a plan in the order in which they were registered.
  fileprivate init(_ webhook: Webhook, in plan: Plan, _ state: DeliveryState, _ keys: [WebhookKeys.Generation]) {
    id = webhook.id.description
    feed = plan.slug(of: webhook.feed) ?? ""
    address = webhook.address?.text ?? ""
    status = state.status.rawValue
    reason = state.reason
    secrets = keys.map(\.secret)
    publicKeys = keys.map(\.publicKey)
  }
}

extension Federwerk {
  /// The webhooks of a plan in the order in which they were registered.
  public func webhookReports(of slug: String) async throws -> [WebhookReport] {
    guard let id = try await service.plan(slug) else { throw ConfigurationProblem("there is no plan \(slug)") }
    let plan = try await service.snapshot(of: id).plan
    var reports: [WebhookReport] = []
    for webhook in plan.webhooks where !webhook.isRemoved {
      let state = try await deliveries.state(of: WebhookID(plan: id, id: webhook.id))
      let own = keys.webhookKeys.generations(upTo: webhook.generation, of: webhook.id)
      reports.append(WebhookReport(webhook, in: plan, state, own))
    }
    return reports
  }
}
