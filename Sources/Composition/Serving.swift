internal import Consumers
internal import EventSourcing
internal import Foundation
internal import HTTPAPI
internal import Hummingbird
internal import Logging
internal import Metrics
internal import PlanService
internal import ReadModels
internal import ServiceLifecycle
internal import UnixSignals
internal import Webhooks

/// Runs the whole server until it is told to stop.
public struct Serving: Sendable {
  public var isUnsafe = false
  /// A plan file to import before the port opens, when its plan does not exist yet.
  public var planFile: String?
  /// Whether somebody else terminates TLS and checks who may reach the port.
  public var isBehindProxy = false

  public init() {}

  /// - Parameter onListening: called once the port is open.
  public func run(
    _ configuration: ServerConfiguration, onListening: @escaping @Sendable (Federwerk, Int) async -> Void,
    progress: @escaping @Sendable (String) -> Void
  ) async throws {
    let logger = Federwerk.logger(configuration)
    guard configuration.isLoopbackOnly || isBehindProxy else {
      throw ConfigurationProblem(
        "FEDERWERK_HOST is \(configuration.host), but this server only knows its local key and speaks no TLS; "
          + "listen on 127.0.0.1, or start with --behind-proxy when a proxy protects the port")
    }
    OpenFiles.allowAll()
    let metrics = PrometheusRegistry()
    MetricsSystem.bootstrap(metrics)
    // A database that a command started ends with the command, and would leave the server without one.
    try await Database.with(configuration, unsafe: isUnsafe, isOwn: true, logger: logger) { database in
      let federwerk = try Federwerk(configuration, database: database, logger: logger)
      // Before anything runs that would write to a database that does not fit.
      try await federwerk.requireSafeDatabase(unsafe: isUnsafe)
      let authenticator = Authenticator(
        authority: federwerk.tokens, countMax: HTTPAPIConfiguration().tokenCacheCountMax,
        now: Federwerk.secondsSince1970)
      let egress = EgressGuard(allowed: configuration.webhookAllow)
      let transport = HTTPWebhookTransport(egress: egress)
      var limits = WebhookConfiguration()
      limits.schedule.delays = configuration.webhookDelays
      let webhooks = WebhookService(
        feeds: federwerk.log, store: federwerk.deliveries, transport: transport, keys: federwerk.keys.webhookKeys,
        origin: configuration.origin, configuration: limits, plans: { federwerk.service.plansInMemory },
        now: Federwerk.localTime, logger: logger)
      let routes = Routes(
        service: federwerk.service, authenticator: authenticator, publisher: federwerk.publisher,
        feeds: federwerk.feeds,
        deliveries: WebhookDesk(store: federwerk.deliveries, keys: federwerk.keys.webhookKeys, egress: egress),
        consumers: ConsumerDesk(
          feeds: federwerk.log, store: PostgresConsumerStore(federwerk.log)),
        timeline: StoredTimeline(federwerk.readModels, timeout: federwerk.service.configuration.visibilityTimeout),
        drawer: Graphviz(),
        metrics: metrics, logger: logger)
      let file = planFile
      let server = routes.server(
        at: ServerAddress(host: configuration.host, port: configuration.port),
        beforeListening: {
          if let file { try await federwerk.importIfNew(file, progress: progress) }
        },
        onListening: { port in await onListening(federwerk, port) })
      // Started in this order and stopped in the opposite one: those who read feeds first, so that no connection of
      // theirs keeps the server waiting, then callers, the log last.
      var services: [any Service] = [
        LogRunner(log: federwerk.log), federwerk.service, FeedWriter(service: federwerk.service, logger: logger),
        federwerk.publisher, transport, webhooks,
        ClockService(service: federwerk.service, logger: logger), ReadModelRunner(models: federwerk.readModels), server,
        federwerk.feeds,
      ]
      if let embedded = database.embedded { services.insert(embedded, at: 0) }
      var group = ServiceGroupConfiguration(
        services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
      group.maximumGracefulShutdownDuration = .seconds(20)
      try await ServiceGroup(configuration: group).run()
    }
  }
}
