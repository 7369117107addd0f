import Coordination
import EventSourcing
import HTTPTypes
import Logging
import PlanService
import Testing

/// A plan with two partner systems, of which one has the feed `press`.
func withFeed(
  _ terms: JSON = [:], history: Bool = false, on edge: Edge = Edge(),
  _ body: @escaping @Sendable (FeedDesk) async throws -> Void
) async throws {
  try await edge.run { client in
    try await client.begin()
    let desk = FeedDesk(client: client, edge: edge)
    try await desk.does("register-partner-system", ["slug": "press", "name": "Pressestelle"])
    try await desk.does("register-partner-system", ["slug": "bek", "name": "BEK", "programmes": ["bek"]])
    try await desk.does(
      "subscribe-feed", ["partner": "press", "slug": "press", "history": .bool(history), "terms": terms])
    try await body(desk)
  }
}

struct FeedDesk: Sendable {
  static let feed = "/v1/plans/industriestadt/feeds/press"
  static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  let client: Client
  let edge: Edge

  func does(_ command: String, _ json: JSON) async throws {
    let answer = try await client.command(command, json)
    #expect(answer.status == 201, "\(command): \(answer.text)")
  }

  /// Brings the feeds level with the log.
  func keep() async throws {
    try await FeedWriter(service: edge.service, logger: Self.quiet).catchUp(try await edge.plan())
  }

  func get(_ path: String, partner: String? = "press", issuedAt: Int = 1_551_441_600) async throws -> Answer {
    let token = try await edge.token(.partner, partner: partner, issuedAt: issuedAt)
    return try await client.send(.get, path, token: token)
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, _ json: JSON? = nil, partner: String = "press"
  ) async throws -> Answer {
    let token = try await edge.token(.partner, partner: partner)
    return try await client.send(method, path, token: token, body: json?.canonicalBytes)
  }

  func events() async throws -> [JSON] {
    try await keep()
    return try #require(try await get(Self.feed).json.array)
  }

  func stored(_ name: String = "main") async throws -> [StoredEvent] {
    let log = LogID(plan: try await edge.plan(), name: name)
    return try await edge.memory.events(of: log, matching: EventQuery(limit: 2000))
  }
}
