public import Consumers
internal import Coordination
internal import EventSourcing
public import Feeds
internal import HTTPTypes
public import Hummingbird
public import Logging
internal import NIOCore
public import PlanService
public import Projections
internal import TamperEvidence

/// What a handler gets with a request.
public struct EdgeContext: RequestContext {
  public var coreContext: CoreRequestContextStorage
  /// The connection, for those who may have to cut it off.
  let channel: any Channel

  public init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}

/// All routes there are, in one list each of which names its handler.
public struct Routes: Sendable {
  public typealias Context = EdgeContext

  let service: PlanService
  let authenticator: Authenticator
  let publisher: CheckpointPublisher
  let feeds: FeedHub
  let deliveries: WebhookDesk
  let consumers: ConsumerDesk
  let timelineSource: any TimelineSource
  let drawer: any GraphDrawer
  let metrics: PrometheusRegistry
  let views: ViewCache
  let configuration: HTTPAPIConfiguration
  let logger: Logger

  public init(
    service: PlanService, authenticator: Authenticator, publisher: CheckpointPublisher, feeds: FeedHub,
    deliveries: WebhookDesk, consumers: ConsumerDesk, timeline: any TimelineSource, drawer: any GraphDrawer,
    metrics: PrometheusRegistry,
    configuration: HTTPAPIConfiguration = HTTPAPIConfiguration(),
    logger: Logger
  ) {
    self.service = service
    self.authenticator = authenticator
    self.publisher = publisher
    self.feeds = feeds
    self.deliveries = deliveries
    self.consumers = consumers
    timelineSource = timeline
    self.drawer = drawer
    self.metrics = metrics
    self.configuration = configuration
    self.logger = logger
    views = ViewCache(countMax: configuration.viewCacheCountMax)
  }

  /// Method, path and handler of every operation; OpenAPI lists the same ones, and a test compares them.
  public var operations: [Operation] {
    [
      Operation(.get, "/healthz", health), Operation(.get, "/readyz", readiness),
      Operation(.get, "/metrics", metricsText), Operation(.get, "/openapi.yaml", openAPI),
      Operation(.get, "/asyncapi.yaml", asyncAPI),
      Operation(.get, "/v1/me", me), Operation(.get, "/v1/plans", plans), Operation(.post, "/v1/plans", createPlan),
      Operation(.get, "/v1/plans/{plan}", tree),
      Operation(.get, "/v1/plans/{plan}/tree", tree),
      Operation(.get, "/v1/plans/{plan}/measures", measures),
      Operation(.get, "/v1/plans/{plan}/measures/{measure}", measure),
      Operation(.get, "/v1/plans/{plan}/measures/{measure}/sheet", measureSheet),
      Operation(.get, "/v1/plans/{plan}/institutions", institutions),
      Operation(.get, "/v1/plans/{plan}/institutions/{institution}", institutionCard),
      Operation(.get, "/v1/plans/{plan}/issues", issues),
      Operation(.get, "/v1/plans/{plan}/responsibilities", responsibilities),
      Operation(.get, "/v1/plans/{plan}/placeholders", placeholders),
      Operation(.get, "/v1/plans/{plan}/external-links", externalLinks),
      Operation(.get, "/v1/plans/{plan}/timeline", timeline),
      Operation(.get, "/v1/plans/{plan}/network", network),
      Operation(.get, "/v1/plans/{plan}/network/difference", networkDifference),
      Operation(.get, "/v1/plans/{plan}/compare", comparison),
      Operation(.post, "/v1/plans/{plan}/commands", commandList),
      Operation(.post, "/v1/plans/{plan}/commands/{command}", command),
      Operation(.post, "/v1/plans/{plan}/inbound", inbound),
      Operation(.get, "/v1/plans/{plan}/webhooks", webhooks),
      Operation(.get, "/v1/plans/{plan}/webhooks/{webhook}", webhook),
      Operation(.get, "/v1/plans/{plan}/webhooks/{webhook}/keys", webhookKeys),
      Operation(.get, "/v1/plans/{plan}/webhooks/{webhook}/deliveries", webhookDeliveries),
      Operation(.post, "/v1/plans/{plan}/webhooks/{webhook}/replay", replayWebhook),
      Operation(.get, "/v1/plans/{plan}/events", events),
      Operation(.get, "/v1/plans/{plan}/events/{position}", event),
      Operation(.get, "/v1/plans/{plan}/feed", feed),
      Operation(.get, "/v1/plans/{plan}/feed/{id}", feedEvent),
      Operation(.get, "/v1/plans/{plan}/feeds", partnerFeeds),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}", feed),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/consumers", feedConsumers),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/consumers/{consumer}", feedConsumer),
      Operation(.put, "/v1/plans/{plan}/feeds/{feed}/consumers/{consumer}", beginConsumer),
      Operation(.delete, "/v1/plans/{plan}/feeds/{feed}/consumers/{consumer}", endConsumer),
      Operation(.post, "/v1/plans/{plan}/feeds/{feed}/consumers/{consumer}/lease", leaseEvents),
      Operation(.post, "/v1/plans/{plan}/feeds/{feed}/consumers/{consumer}/ack", ackEvents),
      Operation(.post, "/v1/plans/{plan}/feeds/{feed}/consumers/{consumer}/nack", nackEvent),
      Operation(.post, "/v1/plans/{plan}/feeds/{feed}/consumers/{consumer}/extend", extendLease),
      Operation(.post, "/v1/plans/{plan}/feeds/{feed}/consumers/{consumer}/release", releaseLease),
      Operation(.post, "/v1/plans/{plan}/feeds/{feed}/consumers/{consumer}/replay", replayConsumer),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/consumers/{consumer}/set-aside", setAsideEvents),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/{id}", feedEvent),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/{id}/disclosures", feedDisclosures),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/log/checkpoint", checkpoint),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/log/vkeys", verifierKeys),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/log/policy", logPolicy),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/log/proofs/{position}", proof),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/log/consistency", consistency),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/log/tile/{tile}", tile, hasOpenEnd: true),
      Operation(.get, "/v1/plans/{plan}/feeds/{feed}/log/disclosures/{tile}", disclosures, hasOpenEnd: true),
      Operation(.get, "/v1/plans/{plan}/log/checkpoint", checkpoint),
      Operation(.get, "/v1/plans/{plan}/log/vkeys", verifierKeys),
      Operation(.get, "/v1/plans/{plan}/log/policy", logPolicy),
      Operation(.get, "/v1/plans/{plan}/log/proofs/{position}", proof),
      Operation(.get, "/v1/plans/{plan}/log/consistency", consistency),
      Operation(.get, "/v1/plans/{plan}/log/tile/{tile}", tile, hasOpenEnd: true),
      Operation(.get, "/v1/plans/{plan}/log/disclosures/{tile}", disclosures, hasOpenEnd: true),
    ]
  }

  public struct Operation: Sendable {
    public typealias Handler = @Sendable (Request, Context) async throws(Problem) -> Response
    public let method: HTTPRequest.Method
    /// With parameters in braces, as OpenAPI writes them.
    public let path: String
    /// Whether the last parameter may have slashes in it.
    let hasOpenEnd: Bool
    let handler: Handler

    /// Whether a request's path is one of this operation's.
    func matches(path other: String) -> Bool {
      let (own, asked) = (path.split(separator: "/"), other.split(separator: "/"))
      return (own.count == asked.count || hasOpenEnd && own.count < asked.count)
        && zip(own, asked).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
    }

    /// As the router writes it.
    var routerPath: RouterPath {
      guard hasOpenEnd, let slash = path.lastIndex(of: "/") else { return RouterPath(path) }
      return RouterPath("\(path[..<slash])/**")
    }

    init(
      _ method: HTTPRequest.Method, _ path: String, _ handler: @escaping Handler, hasOpenEnd: Bool = false
    ) {
      self.method = method
      self.path = path
      self.handler = handler
      self.hasOpenEnd = hasOpenEnd
    }
  }

  public func router() -> Router<Context> {
    let router = Router(context: Context.self)
    router.add(middleware: ProblemMiddleware(operations: operations, logger: logger))
    for operation in operations {
      router.on(operation.routerPath, method: operation.method) { request, context in
        try await operation.handler(request, context)
      }
    }
    return router
  }

  /// The plan of the path, when the caller may know of it. A hidden plan and no plan look the same.
  func plan(_ context: Context, for principal: Principal) async throws(Problem) -> EntityID {
    let reference = context.parameters.get("plan") ?? ""
    let id: EntityID?
    do throws(Unavailability) { id = try await service.plan(reference) } catch { throw Problem(error) }
    guard let id else { throw .unknown("plan", reference, de: "Plan") }
    if let only = principal.plan, only != reference {
      let slug = try await snapshot(of: id, positionMin: nil).plan.slug
      guard slug == only else { throw .unknown("plan", reference, de: "Plan") }
    }
    if let partner = principal.actor.partner { try await admit(partner, principal, to: id) }
    return id
  }

  /// Refuses a partner system that is suspended, or whose token was taken back.
  func admit(_ slug: String, _ principal: Principal, to plan: EntityID) async throws(Problem) {
    let known = try await snapshot(of: plan, positionMin: nil).plan.partner(slug)
    // A log that lost its end no longer says who was suspended.
    if let trouble = service.regression(of: plan) { throw Problem(trouble) }
    if let refusal = known.flatMap({ Self.refusal(of: $0, principal) }) { throw refusal }
  }

  /// Why a partner system is not let in with this token; nil when it is.
  static func refusal(of partner: PartnerSystem, _ principal: Principal) -> Problem? {
    if partner.isSuspended { return Problem(.suspendedPartner) }
    guard let since = partner.credentialsSince, principal.issued <= since.microsecondsSinceEpoch / 1_000_000 else {
      return nil
    }
    return Problem(
      .unauthorized, "credential-rotated",
      de: "Dieses Token gilt nicht mehr; die Geschäftsstelle gibt ein neues aus.",
      en: "This token has been taken back; ask the office for a new one.")
  }

  func principal(_ request: Request) async throws(Problem) -> Principal {
    try await authenticator.principal(authorization: request.headers[.authorization])
  }

  func snapshot(of plan: EntityID, positionMin: Position?) async throws(Problem) -> PlanSnapshot {
    do throws(Unavailability) { return try await service.snapshot(of: plan, positionMin: positionMin) } catch {
      throw Problem(error)
    }
  }

  static func response(
    _ status: HTTPResponse.Status, _ mediaType: String, _ body: ByteBuffer, _ fields: [(HTTPField.Name, String)] = []
  ) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = mediaType
    for (name, value) in fields { headers[name] = value }
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
  }
}

/// Makes every failure a problem report, and says nothing of the inside in it.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = Routes.Context
  let operations: [Routes.Operation]
  let logger: Logger

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let problem as Problem {
      return response(problem, request)
    } catch let error as HTTPError where error.status == .notFound {
      return response(unrouted(request), request)
    } catch {
      logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
      return response(
        Problem(
          .internalServerError, "internal-error", de: "Unerwarteter Fehler.",
          en: "Unexpected failure; it has been logged."), request)
    }
  }

  /// The router takes a known address with another method for an unknown one.
  private func unrouted(_ request: Request) -> Problem {
    let allowed = operations.filter { $0.matches(path: request.uri.path) }.map(\.method.rawValue)
    if allowed.isEmpty {
      return Problem(
        .notFound, "unknown-route", de: "Diese Adresse gibt es nicht.",
        en: "There is no such address; see /openapi.yaml.")
    }
    return Problem(
      .methodNotAllowed, "method-not-allowed", de: "Diese Methode gibt es hier nicht.",
      en: "This address does not take this method.",
      facts: [.init("allowed", .array(Set(allowed).sorted().map { .string($0) }))])
  }

  private func response(_ problem: Problem, _ request: Request) -> Response {
    let body = ByteBuffer(bytes: problem.json(inGerman: request.prefersGerman).canonicalBytes)
    var response = Routes.response(problem.status, Problem.mediaType, body)
    if let seconds = problem.retryAfterSeconds { response.headers[Headers.retryAfter] = String(seconds) }
    if problem.status == .unauthorized { response.headers[Headers.authenticate] = "Bearer" }
    if problem.status == .methodNotAllowed {
      response.headers[.allow] = problem.facts.first?.value.array?.compactMap(\.string).joined(separator: ", ")
    }
    return response
  }
}
