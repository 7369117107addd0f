import Coordination
import Crypto
import EventSourcing
import Foundation
import GrowingLog
import HangLimit
import Logging
import PlanSpecification
import Synchronization
import Testing
import Webhooks

/// Every event arrives, those about one subject in order, whatever the receiver does.
@Suite(.hangLimit) struct WebhookServiceTests {
  private static let webhook = id(97).value
  private static let asked = id(99).json

  /// A receiver that answers as it likes, and knows what it has taken.
  private final class Receiver: WebhookTransport {
    struct State {
      var taken: [(id: String, subject: String)] = []
      var calls = 0
      var inFlight = 0
      var inFlightMax = 0
      var waiting: [(count: Int, resume: CheckedContinuation<Void, Never>)] = []
    }

    let state = Mutex(State())
    private let answer: @Sendable (_ call: Int, _ id: String) async -> DeliveryOutcome
    private let handshakes: [Handshake]
    private let asked = Atomic<Int>(0)
    let address: String

    init(
      at address: String = "https://hooks.example/first", handshakes: [Handshake] = [],
      _ answer: @escaping @Sendable (Int, String) async -> DeliveryOutcome = { _, _ in .delivered(status: 204) }
    ) {
      self.address = address
      self.handshakes = handshakes
      self.answer = answer
    }

    /// How often it was asked whether it wants deliveries.
    var askedCount: Int { asked.load(ordering: .sequentiallyConsistent) }

    func ask(_ address: String, as origin: String, perMinute: Int) async -> Handshake {
      #expect(origin == "plans.test" && perMinute > 0)
      let number = asked.add(1, ordering: .sequentiallyConsistent).oldValue
      return handshakes[min(number, handshakes.count - 1)]
    }

    func post(_ body: [UInt8], to address: String, fields: [(name: String, value: String)]) async -> DeliveryOutcome {
      let id = fields.first { $0.name == "webhook-id" }?.value ?? ""
      let subject = (try? JSONParser.parse(body))?["subject"]?.string ?? ""
      let call = state.withLock { state in
        state.calls += 1
        state.inFlight += 1
        state.inFlightMax = max(state.inFlightMax, state.inFlight)
        return state.calls
      }
      let outcome = await answer(call, id)
      let ready = state.withLock { state in
        state.inFlight -= 1
        if case .delivered = outcome { state.taken.append((id, subject)) }
        let count = Set(state.taken.map(\.id)).count
        let ready = state.waiting.filter { $0.count <= count }.map(\.resume)
        state.waiting.removeAll { $0.count <= count }
        return ready
      }
      for one in ready { one.resume() }
      return outcome
    }

    /// Suspends until so many different events were taken.
    func wait(for count: Int) async {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if Set(state.taken.map(\.id)).count >= count { return true }
          state.waiting.append((count, continuation))
          return false
        }
        if isOver { continuation.resume() }
      }
    }

    /// Each event once, by its first arrival; those about a subject must be in order.
    func expectAll(_ count: Int) {
      let taken = state.withLock { $0.taken }
      var known: Set<String> = []
      let first = taken.filter { known.insert($0.id).inserted }
      #expect(known == Set((0..<count).map { Position(Int64($0)).padded.description }))
      for (subject, own) in Dictionary(grouping: first, by: \.subject) {
        #expect(own.map(\.id) == own.map(\.id).sorted(), "\(subject) out of order")
      }
    }
  }

  private struct Setting: Sendable {
    let plan: Plan
    let feed: GrowingLog
    let store = WatchedDeliveryStore()
    let webhook: EntityID

    init(asksFirst: Bool = false) {
      var spec = CommandSamples.spec(for: "register-webhook")
      if asksFirst {
        let webhook = WebhookServiceTests.webhook
        spec.given("remove-webhook", ["webhook": .string(webhook.description), "reason": "R"])
        let again: JSON = [
          "id": WebhookServiceTests.asked, "feed": "bek", "address": "https://hooks.example/first", "handshake": true,
        ]
        spec.given("register-webhook", again)
      }
      plan = spec.plan
      webhook = asksFirst ? PlanSpecification.id(99).value : WebhookServiceTests.webhook
      feed = GrowingLog(id: LogID(plan: plan.id, name: "feed-bek"), subjectCount: 7)
    }

    var id: WebhookID { WebhookID(plan: plan.id, id: webhook) }

    /// Runs deliveries to a receiver until the body is over.
    func deliver(
      to receiver: any WebhookTransport, of plans: [Plan]? = nil, delays: [Int] = Array(repeating: 0, count: 1000),
      _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
      var configuration = WebhookConfiguration()
      configuration.lookInterval = .milliseconds(2)
      configuration.storeRetryPause = .milliseconds(1)
      configuration.schedule.delays = delays
      let plans = plans ?? [plan]
      let service = WebhookService(
        feeds: feed.memory, store: store, transport: receiver,
        keys: WebhookKeys(secret: [UInt8](repeating: 1, count: 32)), origin: "plans.test",
        configuration: configuration, plans: { plans }, now: { Timestamp(microsecondsSinceEpoch: 1_000_000) },
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        defer { group.cancelAll() }
        try await body()
      }
    }
  }

  @Test func `all that is there and all that comes is delivered once to a receiver that takes it`() async throws {
    let setting = Setting()
    try await setting.feed.grow(by: 150)
    let receiver = Receiver()
    try await setting.deliver(to: receiver) {
      await receiver.wait(for: 150)
      try await setting.feed.grow(by: 50)
      await receiver.wait(for: 200)
    }
    receiver.expectAll(200)
    #expect(receiver.state.withLock { $0.calls } == 200)
    #expect(receiver.state.withLock { $0.inFlightMax } <= 16)
  }

  @Test func `a receiver that fails as it likes gets everything in the end, each subject in order`() async throws {
    let setting = Setting()
    try await setting.feed.grow(by: 120)
    let random = Mutex(SplitMix64(state: 20_180_904))
    let receiver = Receiver { _, _ in
      switch random.withLock({ $0.next() % 10 }) {
      case 0: .unreachable(reason: "no connection", status: nil)
      case 1: .throttled(status: 429, seconds: 0)
      case 2: .unreachable(reason: "the receiver answered 500", status: 500)
      default: .delivered(status: 200)
      }
    }
    try await setting.deliver(to: receiver) { await receiver.wait(for: 120) }
    receiver.expectAll(120)
  }

  @Test func `whoever begins again goes on where the deliveries stood`() async throws {
    let setting = Setting()
    try await setting.feed.grow(by: 100)
    let receiver = Receiver()
    for target in stride(from: 10, through: 300, by: 10) {
      // Cut off at any moment, also with deliveries under way.
      try await setting.deliver(to: receiver) { await receiver.wait(for: min(target, 100)) }
    }
    receiver.expectAll(100)
    #expect(receiver.state.withLock { $0.calls } <= 100 + 30 * 64)
  }

  @Test func `what is rejected is set aside with what follows about the same subject, and nothing else`() async throws {
    let setting = Setting()
    try await setting.feed.grow(by: 70)
    let bad = Position(9).padded.description
    let receiver = Receiver { _, id in id == bad ? .rejected(status: 422) : .delivered(status: 200) }
    // Position 9 is about subject 2: of the ten events about that one comes before it.
    try await setting.deliver(to: receiver) { await receiver.wait(for: 61) }
    let parked = try await setting.store.parked(of: setting.id, after: nil, limit: 100)
    #expect(parked.map(\.position.value) == stride(from: 9, to: 70, by: 7).map { Int64($0) })
    #expect(parked.first?.reason == "the receiver answered 422")
    #expect(Set(parked.map(\.subject)) == ["measures/2"])
    try await setting.store.replay(setting.id, from: Position(9))
    let mended = Receiver()
    try await setting.deliver(to: mended) { await mended.wait(for: 61) }
    let first = mended.state.withLock { $0.taken.map(\.id) }
    #expect(first.contains(bad) && !first.contains(Position(8).padded.description))
    #expect(try await setting.store.parked(of: setting.id, after: nil, limit: 100).isEmpty)
  }

  @Test func `what is rejected first after an outage is set aside, and the rest goes on`() async throws {
    let setting = Setting()
    try await setting.feed.grow(by: 14)
    let bad = Position(0).padded.description
    // Down for the first wave, which has one event about each subject, and for one attempt more: the next would park.
    let receiver = Receiver { call, id in
      call <= 8 ? .unreachable(reason: "R", status: nil) : id == bad ? .rejected(status: 400) : .delivered(status: 200)
    }
    try await setting.deliver(to: receiver, delays: [0, 0]) { await receiver.wait(for: 12) }
    #expect(try await setting.store.state(of: setting.id).status == .active)
    let parked = try await setting.store.parked(of: setting.id, after: nil, limit: 100)
    #expect(parked.map(\.position.value) == [0, 7])
  }

  @Test func `a receiver that is gone or given up is asked no more until somebody replays`() async throws {
    for (outcome, status) in [
      (DeliveryOutcome.gone, DeliveryState.Status.disabled), (.unreachable(reason: "R", status: nil), .parked),
    ] {
      let setting = Setting()
      try await setting.feed.grow(by: 5)
      let receiver = Receiver { _, _ in outcome }
      try await setting.deliver(to: receiver, delays: [0, 0]) { await setting.store.wait { $0.status == status } }
      let calls = receiver.state.withLock { $0.calls }
      #expect(try await setting.store.state(of: setting.id).next == Position(0))
      try await setting.store.replay(setting.id, from: Position(0))
      let mended = Receiver()
      try await setting.deliver(to: mended) { await mended.wait(for: 5) }
      mended.expectAll(5)
      #expect(calls <= 8)
    }
  }

  @Test func `a dead receiver never slows another`() async throws {
    var spec = CommandSamples.spec(for: "register-webhook")
    spec.given("register-webhook", ["id": id(98).json, "feed": "bek", "address": "https://hooks.example/second"])
    let setting = Setting()
    try await setting.feed.grow(by: 100)
    let other = Receiver()
    struct Both: WebhookTransport {
      let other: Receiver
      func ask(_ address: String, as origin: String, perMinute: Int) async -> Handshake { .consented(.unlimited) }

      func post(
        _ body: [UInt8], to address: String, fields: [(name: String, value: String)]
      ) async -> DeliveryOutcome {
        if address.hasSuffix("second") { return await other.post(body, to: address, fields: fields) }
        // It never answers; the stream ends when the task is cancelled.
        for await _ in AsyncStream.makeStream(of: Never.self).stream {}
        return .unreachable(reason: "cancelled", status: nil)
      }
    }
    try await setting.deliver(to: Both(other: other), of: [spec.plan]) { await other.wait(for: 100) }
    other.expectAll(100)
  }

  @Test func `nothing goes to a suspended partner or a removed address`() async throws {
    for (command, json) in [
      ("suspend-partner", ["partner": "bek-monitoring", "reason": "R"]), ("remove-webhook", ["webhook": id(97).json]),
    ] as [(String, JSON)] {
      var spec = CommandSamples.spec(for: "register-webhook")
      spec.given("register-webhook", ["id": id(98).json, "feed": "bek", "address": "https://hooks.example/second"])
      if command == "suspend-partner" {
        spec.given("register-partner-system", ["slug": "other", "name": "N"])
        spec.given("subscribe-feed", ["partner": "other", "slug": "bek2", "terms": [:]])
      }
      spec.given(command, json)
      let setting = Setting()
      try await setting.feed.grow(by: 3)
      let receiver = Receiver()
      let isAllShut = command == "suspend-partner"
      try await setting.deliver(to: receiver, of: [spec.plan]) {
        if !isAllShut { await receiver.wait(for: 3) }
      }
      #expect(receiver.state.withLock { $0.calls } == (isAllShut ? 0 : 3))
    }
  }

  @Test func `a receiver that wants to be asked gets nothing before it consents, and no more than it allows`()
    async throws
  {
    let setting = Setting(asksFirst: true)
    try await setting.feed.grow(by: 20)
    let receiver = Receiver(handshakes: [
      .failed(reason: "no connection"), .failed(reason: "the receiver does not consent"), .consented(.perMinute(8)),
    ])
    try await setting.deliver(to: receiver) { await receiver.wait(for: 8) }
    // The clock of these tests stands still, so this minute never ends.
    #expect(receiver.state.withLock { $0.calls } == 8)
    #expect(receiver.askedCount == 3)
    let state = try await setting.store.state(of: setting.id)
    #expect(state.consent == .perMinute(8) && state.failures == 0 && state.reason == nil)
    // Whoever replays asks again.
    try await setting.store.replay(setting.id, from: Position(0))
    let generous = Receiver(handshakes: [.consented(.unlimited)])
    try await setting.deliver(to: generous) { await generous.wait(for: 20) }
    generous.expectAll(20)
    #expect(generous.askedCount == 1)
  }

  @Test func `a receiver that never consents is given up`() async throws {
    let setting = Setting(asksFirst: true)
    try await setting.feed.grow(by: 1)
    let receiver = Receiver(handshakes: [.failed(reason: "the receiver does not consent")])
    try await setting.deliver(to: receiver, delays: [0, 0]) { await setting.store.wait { $0.status == .parked } }
    #expect(receiver.state.withLock { $0.calls } == 0)
    #expect(try await setting.store.state(of: setting.id).reason == "the receiver does not consent")
  }

  @Test func `consent is an origin and a rate, not a status`() {
    func outcome(_ status: Int, _ origin: String?, _ rate: String?) -> DeliveryConsent? {
      let handshake = Handshake(status: status, allowedOrigin: origin, allowedRate: rate, askedBy: "plans.test")
      if case .consented(let consent) = handshake { return consent }
      return nil
    }
    #expect(outcome(200, "plans.test", "120") == .perMinute(120))
    #expect(outcome(204, "*", "*") == .unlimited)
    #expect(outcome(200, "Plans.Test", "1") == .perMinute(1))
    for (status, origin, rate) in [
      (200, nil, nil), (200, "*", nil), (200, nil, "*"), (200, "other.test", "*"), (405, "*", "*"), (200, "*", "0"),
      (200, "*", "-1"), (200, "*", "many"), (301, "*", "*"), (200, "", "1"),
    ] { #expect(outcome(status, origin, rate) == nil, "\(status) \(origin ?? "-") \(rate ?? "-")") }
  }

  @Test func `signatures are those of the specification, of both secrets while one is exchanged`() throws {
    let keys = WebhookKeys(secret: [UInt8](repeating: 7, count: 32))
    let generations = keys.generations(upTo: 3, of: Self.webhook)
    #expect(generations.count == 2 && generations[0].secret != generations[1].secret)
    #expect(keys.generations(upTo: 1, of: Self.webhook).count == 1)
    #expect(keys.generation(1, of: id(1).value).secret != keys.generation(1, of: id(2).value).secret)
    let body = Array(#"{"a":1}"#.utf8)
    let signature = WebhookSignature(body, id: "0000000000000007", timestamp: 1_551_441_600, keys: generations)
    let tokens = signature.signatures.split(separator: " ")
    #expect(tokens.map { $0.prefix { $0 != "," } } == ["v1", "v1", "v1a", "v1a"])
    let secret = try #require(Data(base64Encoded: String(generations[0].secret.dropFirst("whsec_".count))))
    let signed = Array("0000000000000007.1551441600.".utf8) + body
    let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret))
    #expect(tokens[0].dropFirst(3) == Data(code).base64EncodedString())
    let publicKey = try Curve25519.Signing.PublicKey(
      rawRepresentation: try #require(Data(base64Encoded: String(generations[0].publicKey.dropFirst(5)))))
    let open = try #require(Data(base64Encoded: String(tokens[2].dropFirst(4))))
    #expect(publicKey.isValidSignature(open, for: signed))
  }
}

/// Tells when a state is kept.
private final class WatchedDeliveryStore: DeliveryStore {
  private let base = InMemoryDeliveryStore()
  private let last = Mutex<DeliveryState?>(nil)
  private let waiting = Mutex<[(isMeant: @Sendable (DeliveryState) -> Bool, resume: CheckedContinuation<Void, Never>)]>(
    [])

  /// Suspends until such a state is kept.
  func wait(until isMeant: @escaping @Sendable (DeliveryState) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isOver = waiting.withLock { waiting in
        if let last = last.withLock({ $0 }), isMeant(last) { return true }
        waiting.append((isMeant, continuation))
        return false
      }
      if isOver { continuation.resume() }
    }
  }

  func keep(
    _ state: DeliveryState, attempts: [DeliveryAttempt], parked: [ParkedDelivery], of webhook: WebhookID
  ) async throws -> Bool {
    let isKept = try await base.keep(state, attempts: attempts, parked: parked, of: webhook)
    let ready = waiting.withLock { waiting in
      last.withLock { $0 = state }
      let ready = waiting.filter { $0.isMeant(state) }.map(\.resume)
      waiting.removeAll { $0.isMeant(state) }
      return ready
    }
    for one in ready { one.resume() }
    return isKept
  }

  func state(of webhook: WebhookID) async throws -> DeliveryState { try await base.state(of: webhook) }

  func parkedSubjects(of webhook: WebhookID) async throws -> Set<String> {
    try await base.parkedSubjects(of: webhook)
  }

  func parked(of webhook: WebhookID, after position: Position?, limit: Int) async throws -> [ParkedDelivery] {
    try await base.parked(of: webhook, after: position, limit: limit)
  }

  func attempts(of webhook: WebhookID, limit: Int) async throws -> [DeliveryAttempt] {
    try await base.attempts(of: webhook, limit: limit)
  }

  func replay(_ webhook: WebhookID, from position: Position) async throws {
    try await base.replay(webhook, from: position)
  }

  func whileDelivering(_ body: @escaping @Sendable () async throws -> Void) async throws {
    try await base.whileDelivering(body)
  }
}
