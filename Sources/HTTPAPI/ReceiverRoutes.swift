internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
public import Logging
internal import NIOCore
public import PartnerKit
internal import Synchronization

/// A receiver of deliveries that says what is wrong with them, at whatever path they come to.
public final class ReceiverRoutes: Sendable {
  /// The most that a delivery's body may have.
  private static let byteCountMax = 1 << 20

  private struct State {
    var ledger = EventLedger()
    var refusedCount = 0
    var faults: [String] = []
    var random: SplitMix64?
  }

  private let verifier: WebhookVerifier
  private let now: @Sendable () -> Int
  private let tell: @Sendable (String) -> Void
  private let state: Mutex<State>
  let logger: Logger

  /// - Parameters:
  ///   - trouble: what its bad behaviour depends on: now and then it answers 500, 429 or 503. Nil for one that behaves.
  ///   - tell: gets a line for each delivery.
  public init(
    verifier: WebhookVerifier, trouble: UInt64?, now: @escaping @Sendable () -> Int, logger: Logger,
    tell: @escaping @Sendable (String) -> Void
  ) {
    self.verifier = verifier
    self.now = now
    self.tell = tell
    self.logger = logger
    state = Mutex(State(random: trouble.map { SplitMix64(state: $0) }))
  }

  /// Different events so far.
  public var count: Int { state.withLock { $0.ledger.count } }

  /// What was found wrong.
  public var findings: [String] { state.withLock { $0.faults } }

  /// The ids that are not there, though later ones are. They may come yet: events about different subjects come side by
  /// side.
  public var missing: [String] { state.withLock { $0.ledger.gaps } }

  public var summary: String {
    state.withLock { state in
      "\(state.ledger.count) events, \(state.ledger.repeatedCount) repeated, \(state.refusedCount) deliveries refused"
    }
  }

  func router() -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    for path in ["/", "**"] as [RouterPath] {
      router.on(path, method: .post) { request, _ in try await self.deliver(request) }
      router.on(path, method: .options) { request, _ in self.consent(request) }
    }
    return router
  }

  /// The handshake of CloudEvents: this receiver takes as much as comes.
  private func consent(_ request: Request) -> Response {
    let origin = Self.field(request, "WebHook-Request-Origin") ?? ""
    tell("asked by \(origin.isEmpty ? "nobody" : origin)")
    var response = Response(status: .ok)
    if let allowed = HTTPField.Name("WebHook-Allowed-Origin"), let rate = HTTPField.Name("WebHook-Allowed-Rate") {
      response.headers[allowed] = origin
      response.headers[rate] = "*"
    }
    return response
  }

  private func deliver(_ request: Request) async throws -> Response {
    let body: ByteBuffer
    do { body = try await request.body.collect(upTo: Self.byteCountMax) } catch is NIOTooManyBytesError {
      return Response(status: .contentTooLarge)
    }
    let delivery = Delivery(
      id: Self.field(request, "webhook-id"), timestamp: Self.field(request, "webhook-timestamp"),
      signatures: Self.field(request, "webhook-signature"), contentType: request.headers[.contentType],
      body: Array(body.readableBytesView))
    if let objection = verifier.objection(to: delivery, at: now()) {
      state.withLock { $0.refusedCount += 1 }
      tell("refused   \(delivery.id ?? "–"): \(objection)")
      return Response(status: .unauthorized)
    }
    if let response = trouble(delivery) { return response }
    let (verdict, type) = take(delivery)
    switch verdict {
    case .new: tell("new       \(delivery.id ?? "–")  \(type)")
    case .repeated: tell("repeated  \(delivery.id ?? "–")")
    case .faulty(let faults): for fault in faults { tell("FAULTY    \(fault)") }
    }
    return Response(status: .noContent)
  }

  private func take(_ delivery: Delivery) -> (EventLedger.Verdict, type: String) {
    let event = try? CloudEventCheck.read(delivery.body).get()
    var faults: [String] = []
    if let id = event?["id"]?.string, id != delivery.id { faults.append("webhook-id is not the event's id \(id)") }
    let type = delivery.contentType?.split(separator: ";").first.map(String.init)
    if type != "application/cloudevents+json" { faults.append("content-type is \(type ?? "missing")") }
    return state.withLock { state in
      var verdict = state.ledger.take(delivery.body)
      if case .faulty(let more) = verdict { faults += more }
      if !faults.isEmpty { verdict = .faulty(faults) }
      state.faults += faults
      return (verdict, event?["type"]?.string ?? "")
    }
  }

  /// What a receiver in trouble answers, so that one sees how its sender goes on.
  private func trouble(_ delivery: Delivery) -> Response? {
    let chance = state.withLock { $0.random?.next() }.map { $0 % 20 }
    switch chance {
    case 0:
      tell("answered 500 by chance  \(delivery.id ?? "–")")
      return Response(status: .internalServerError)
    case 1:
      tell("answered 429 by chance  \(delivery.id ?? "–")")
      var response = Response(status: .tooManyRequests)
      response.headers[Headers.retryAfter] = "0"
      return response
    case 2:
      // Taken, and the sender does not get to know.
      _ = take(delivery)
      tell("taken and answered 503 by chance  \(delivery.id ?? "–")")
      return Response(status: .serviceUnavailable)
    default: return nil
    }
  }

  private static func field(_ request: Request, _ name: String) -> String? {
    HTTPField.Name(name).flatMap { request.headers[$0] }
  }
}
