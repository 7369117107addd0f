import Consumers
import Coordination
import EventSourcing
import Feeds
import Foundation
import HTTPAPI
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import PlanService
import TamperEvidence
import Testing
import Webhooks

/// A plan service on a log in memory behind the whole HTTP edge, at noon UTC on the first of March 2019.
struct Edge: Sendable {
  static let now = Timestamp(microsecondsSinceEpoch: 1_551_441_600_000_000)
  static let secret = [UInt8](repeating: 7, count: 32)

  let memory: InMemoryEventLog
  let highWater: HighWater
  let tokens = TokenAuthority(secret: Edge.secret)
  let metrics = PrometheusRegistry()
  let service: PlanService
  let publisher: CheckpointPublisher
  let feeds: FeedHub
  let deliveries = InMemoryDeliveryStore()
  let routes: Routes

  init(
    _ limits: (inout PlanServiceConfiguration) -> Void = { _ in },
    _ edge: (inout HTTPAPIConfiguration) -> Void = { _ in }, continuing earlier: Edge? = nil,
    onOtherServer isElsewhere: Bool = false, at now: Timestamp = Edge.now, witnessing: Witnessing? = nil,
    feedConfiguration: FeedConfiguration = FeedConfiguration()
  ) {
    memory = earlier?.memory ?? InMemoryEventLog(clock: { now })
    highWater = isElsewhere ? HighWater(folder: nil) : earlier?.highWater ?? HighWater(folder: nil)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var configuration = PlanServiceConfiguration()
    configuration.storeRetryPause = .milliseconds(1)
    // No test fails because the machine was busy; one that waits for what never comes says how long.
    configuration.visibilityTimeout = .seconds(60)
    limits(&configuration)
    var edgeConfiguration = HTTPAPIConfiguration()
    edge(&edgeConfiguration)
    let service = PlanService(
      store: memory, commandHash: CommandHash(secret: Self.secret), highWater: highWater, originPrefix: "plans.test",
      configuration: configuration, localTime: { now }, logger: logger)
    self.service = service
    let keys = LogKeys(signing: { [try Edge.key($0)] }, verifying: { [try Edge.key($0).verifierKey] })
    publisher = CheckpointPublisher(
      service: service, highWater: highWater, keys: keys, witnessing: witnessing, logger: logger)
    let authenticator = Authenticator(
      authority: tokens, countMax: 10, now: { Int(Edge.now.microsecondsSinceEpoch / 1_000_000) })
    feeds = FeedHub(
      store: memory, configuration: feedConfiguration, now: { Int(Edge.now.microsecondsSinceEpoch / 1_000_000) },
      logger: logger)
    routes = Routes(
      service: service, authenticator: authenticator, publisher: publisher, feeds: feeds,
      deliveries: WebhookDesk(store: deliveries, keys: WebhookKeys(secret: Edge.secret), egress: EgressGuard()),
      consumers: ConsumerDesk(feeds: memory, store: InMemoryConsumerStore(clock: { now })),
      timeline: FoldedTimeline(store: memory),
      drawer: NoDrawer(), metrics: metrics, configuration: edgeConfiguration, logger: logger)
  }

  static func key(_ origin: String) throws -> NoteSigningKey { try NoteSigningKey(name: origin, seed: secret) }

  /// Says that more was published of a plan than its log holds.
  func regress(_ plan: EntityID) throws {
    let mark = Data("{\"epoch\":1,\"root\":\"AAAA\",\"size\":1000}".utf8)
    try highWater.raise(JSONDecoder().decode(HighWater.Mark.self, from: mark), of: LogIDPath(LogID(plan: plan)))
  }

  /// Runs the service and lends a client that talks to its routes.
  func run(_ body: @escaping @Sendable (Client) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      group.addTask { try await feeds.run() }
      defer { group.cancelAll() }
      try await Application(router: routes.router()).test(.router) { client in
        try await body(Client(http: client, edge: self))
      }
    }
  }

  func token(
    _ role: Role = .coordinator, _ institution: String? = nil, partner: String? = nil, plan: String? = nil,
    issuedAt: Int = 1_551_441_600,
    lifetimeSeconds: Int = 3600
  ) async throws -> String {
    try await tokens.issue(
      actorName: "\(role.rawValue) \(institution ?? "")", role: role, institution: institution, partner: partner,
      plan: plan,
      issuedAt: issuedAt, lifetimeSeconds: lifetimeSeconds)
  }

  /// How many events there are in all plans.
  func eventCount() async throws -> Int64 {
    try await memory.plans(after: nil, limit: 100).reduce(0) { $0 + $1.size.value }
  }

  func plan(_ slug: String = "industriestadt") async throws -> EntityID {
    try #require(try await memory.plan(withSlug: slug))
  }
}

/// Sends requests as somebody.
struct Client: Sendable {
  let http: any TestClientProtocol
  let edge: Edge

  func send(
    _ method: HTTPRequest.Method, _ path: String, token: String?, _ headers: [String: String] = [:],
    body: [UInt8]? = nil
  ) async throws -> Answer {
    var fields = HTTPFields()
    if let token { fields[.authorization] = "Bearer \(token)" }
    for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
    let response = try await http.execute(
      uri: path, method: method, headers: fields, body: body.map { ByteBuffer(bytes: $0) })
    return Answer(
      status: response.status.code, headers: response.headers, bytes: Array(response.body.readableBytesView))
  }

  func get(
    _ path: String, as role: Role = .coordinator, _ headers: [String: String] = [:]
  ) async throws -> Answer {
    try await send(.get, path, token: try await edge.token(role), headers)
  }

  /// Sends a command with a fresh key.
  func post(
    _ path: String, _ json: JSON, as role: Role = .coordinator, of institution: String? = nil,
    _ headers: [String: String] = [:]
  ) async throws -> Answer {
    var headers = headers
    headers["Idempotency-Key"] = headers["Idempotency-Key"] ?? "key-\(UInt64.random(in: .min ... .max))"
    return try await send(
      .post, path, token: try await edge.token(role, institution), headers, body: json.canonicalBytes)
  }

  func command(
    _ name: String, _ json: JSON, as role: Role = .coordinator, of institution: String? = nil,
    _ headers: [String: String] = [:]
  ) async throws -> Answer {
    try await post("/v1/plans/industriestadt/commands/\(name)", json, as: role, of: institution, headers)
  }

  /// Makes the plan that most tests speak about.
  func begin() async throws {
    let created = try await post("/v1/plans", ["slug": "industriestadt", "title": "Industriestadt"])
    #expect(created.status == 201)
    let list = JSON.array(Story.begun.map { ["command": .string($0.0), "with": $0.1] })
    let answer = try await post("/v1/plans/industriestadt/commands", ["commands": list])
    #expect(answer.status == 201, "\(answer.text)")
  }

  /// Expects a problem report, and that the log did not grow.
  @discardableResult
  func expectProblem(
    _ status: Int, _ code: String, field: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ ask: () async throws -> Answer
  ) async throws -> Answer {
    let before = try await edge.eventCount()
    let answer = try await ask()
    let after = try await edge.eventCount()
    #expect(after == before, sourceLocation: sourceLocation)
    #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
    #expect(answer.headers[.contentType] == "application/problem+json", sourceLocation: sourceLocation)
    let json = answer.json
    #expect(json["code"]?.string == code, "\(answer.text)", sourceLocation: sourceLocation)
    #expect(json["type"]?.string == "urn:federwerk:problem:\(code)", sourceLocation: sourceLocation)
    #expect(json["status"]?.integer == Int64(status), sourceLocation: sourceLocation)
    #expect(json["field"]?.string == field, "\(answer.text)", sourceLocation: sourceLocation)
    #expect(json["title"]?.string?.isEmpty == false, sourceLocation: sourceLocation)
    #expect(json["detail"]?.string?.isEmpty == false, sourceLocation: sourceLocation)
    return answer
  }
}

/// What came back.
struct Answer: Sendable {
  let status: Int
  let headers: HTTPFields
  let bytes: [UInt8]

  var text: String { String(decoding: bytes, as: UTF8.self) }

  var json: JSON { (try? JSONParser.parse(bytes)) ?? .null }

  subscript(_ header: String) -> String? { HTTPField.Name(header).flatMap { headers[$0] } }
}

func id(_ number: UInt64) -> JSON {
  .string(EntityID(high: 0x7000, low: 0x8000_0000_0000_0000 | number).description)
}

/// The plan that the tests speak about, as the commands that made it.
enum Story {
  typealias Command = (String, JSON)

  static let begun: [Command] = structure + measures + parties + roles

  private static let structure: [Command] = [
    ("register-document", ["key": "S2", "title": "Masterplan 2018–2021"]),
    (
      "register-plan-version",
      [
        "id": id(1), "slug": "2018-2021", "title": "Fassung 2018–2021", "from": "2018-05-01", "until": "2021-12-31",
        "ladder": [
          ["slug": "lead", "title": "Federführung"], ["slug": "office", "title": "Geschäftsstelle"],
          ["slug": "skip", "title": "Steuerungskreis", "mandate": "decide"], ["slug": "senat", "title": "Senat"],
        ],
      ]
    ),
    ("add-action-field", ["id": id(10), "number": 1, "slug": "innovation", "title": "Innovation"]),
    (
      "add-theme-cluster", ["id": id(11), "actionField": "innovation", "slug": "fachkraefte", "title": "Fachkräfte"]
    ),
    ("set-goal", ["id": id(12), "cluster": "fachkraefte", "letter": "a", "title": "Genug Fachkräfte"]),
    ("add-task-field", ["id": id(13), "cluster": "fachkraefte", "number": 1, "title": "Nachwuchs"]),
    ("declare-stated-figure", ["slug": "goals", "label": "Ziele", "counts": "goals", "value": 11]),
    ("register-strategy", ["id": id(51), "slug": "bek", "title": "BEK 2030"]),
  ]

  private static let measures: [Command] = [measure(21, "I"), measure(22, "II"), measure(23, "III")]

  private static func measure(_ number: UInt64, _ numeral: String) -> Command {
    let fields: JSON = ["id": id(number), "cluster": "fachkraefte", "taskField": 1]
    return ("add-measure", fields.with("numeral", .string(numeral)).with("title", .string("Maßnahme \(numeral)")))
  }

  private static let parties: [Command] =
    ["senweb", "ihk", "hwk", "tu", "skip"].map { party($0) } + [
      ("define-group", ["slug": "kammern", "name": "Kammern", "kind": "collective"]),
      ("add-group-member", ["group": "kammern", "member": "ihk"]),
      ("define-group", ["slug": "netz", "name": "Netz", "kind": "open"]),
    ]

  private static func party(_ slug: String) -> Command {
    ("register-institution", ["slug": .string(slug), "name": .string("Institution \(slug)"), "kind": "body"])
  }

  private static let roles: [Command] = [
    ("assign-lead", ["id": id(90), "measure": "fachkraefte.1.I", "institution": "senweb"]),
    ("assign-lead", ["measure": "fachkraefte.1.I", "institution": "ihk", "source": ["S2:12"]]),
    ("raise-issue", ["id": id(91), "measure": "fachkraefte.1.I", "kind": "question", "text": "Wann?"]),
  ]
}

/// A server without Graphviz.
private struct NoDrawer: GraphDrawer {
  func svg(ofDOT text: String) async throws(GraphDrawerFailure) -> [UInt8] { throw .notInstalled }
}
