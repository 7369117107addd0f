internal import Consumers
internal import Coordination
internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import PlanService

/// Named consumers of a partner's feed: the server keeps how far they have come, and several workers share one.
extension Routes {
  /// How long a worker that waits for events sleeps before it looks whether others have finished some.
  private static let lookInterval: Duration = .seconds(1)

  @Sendable func feedConsumers(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    _ = try request.parameters([])
    let log = try await feedLog(request, context)
    let described = try await kept(nil) { () async throws -> [JSON] in
      var described: [JSON] = []
      for name in try await consumers.store.names(of: log) {
        if let one = try await describe(ConsumerID(log: log, name: name)) { described.append(one) }
      }
      return described
    }
    return Self.json(["consumers": .array(described)])
  }

  @Sendable func feedConsumer(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    _ = try request.parameters([])
    return try await answer(try await consumer(request, context))
  }

  /// Begins one; one that is there stays as it is.
  @Sendable func beginConsumer(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let consumer = try await consumer(request, context, isChange: true)
    guard Slug(normalized: consumer.name) != nil, consumer.name.utf8.count <= Slug.lengthMax else {
      throw .invalid("consumer", de: Slug.expectation.german, en: Slug.expectation.english)
    }
    let asked = try await form(ConsumerForm.self, of: request)
    let isNew = try await kept(consumer) { () async throws -> Bool in
      let names = try await consumers.store.names(of: consumer.log)
      guard !names.contains(consumer.name) else { return false }
      guard names.count < ConsumerDesk.consumersMax else { throw Problem(.tooManyConsumers) }
      if let from = asked.from { try await requireReach(from.position, of: consumer.log) }
      return try await consumers.store.create(consumer, at: asked.from?.position ?? Position(0))
    }
    guard isNew || asked.from == nil else {
      throw Problem(
        .conflict, "consumer-exists", field: "from", de: "Diesen Abnehmer gibt es schon; replay setzt ihn zurück.",
        en: "There is such a consumer already; replay sets it back.")
    }
    return try await answer(consumer, isNew ? .created : .ok)
  }

  @Sendable func endConsumer(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    _ = try request.parameters([])
    let consumer = try await consumer(request, context, isChange: true)
    guard try await kept(consumer, { try await consumers.store.delete(consumer) }) else {
      throw .unknownConsumer(consumer)
    }
    return Response(status: .noContent)
  }

  /// Gives a worker the next events, after waiting for them as long as it says.
  @Sendable func leaseEvents(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let consumer = try await consumer(request, context, isChange: true)
    let asked = try await form(LeaseForm.self, of: request)
    let deadline = ContinuousClock.now + .milliseconds(asked.timeout?.value ?? 0)
    var hasWaited = false
    while true {
      let leased = try await kept(consumer) {
        try await consumers.lease(
          consumer, to: asked.worker.text, countMax: asked.limit?.value ?? LeaseLimit.usual,
          seconds: asked.seconds?.value ?? ConsumerDesk.leaseSeconds, hasWaited: hasWaited)
      }
      hasWaited = true
      let left = deadline - .now
      guard leased.events.isEmpty, left > .zero else { return Self.answer(leased) }
      let size = try await kept(consumer) { try await service.store.head(of: consumer.log)?.size ?? .zero }
      try await waitForEvent(
        at: size.nextPosition, of: consumer.log, atMost: min(left, Self.lookInterval), request, context)
      // Whoever might read before the wait may have been shut out since.
      _ = try await feedLog(request, context)
    }
  }

  @Sendable func ackEvents(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let consumer = try await consumer(request, context, isChange: true)
    let said = try await form(AckForm.self, of: request)
    try await kept(consumer) { try await consumers.ack(consumer, said.lease.value, through: said.through.position) }
    return try await answer(consumer)
  }

  @Sendable func nackEvent(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let consumer = try await consumer(request, context, isChange: true)
    let said = try await form(NackForm.self, of: request)
    let nack: ConsumerState.Nack
    switch said.action {
    case .retry: nack = .retry(afterSeconds: said.seconds?.value ?? 0)
    case .park: nack = .park
    case .skip: nack = .skip
    }
    guard said.seconds == nil || said.action == .retry else {
      throw .invalid("seconds", de: "Nur mit retry.", en: "Only with retry.")
    }
    try await kept(consumer) {
      try await consumers.nack(consumer, said.lease.value, said.id.position, nack, reason: said.reason.text)
    }
    return try await answer(consumer)
  }

  @Sendable func extendLease(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let consumer = try await consumer(request, context, isChange: true)
    let asked = try await form(ExtendForm.self, of: request)
    let until = try await kept(consumer) {
      try await consumers.extend(
        consumer, asked.lease.value, seconds: asked.seconds?.value ?? ConsumerDesk.leaseSeconds)
    }
    return Self.json(["lease": .string(asked.lease.value.description), "until": .string(until.description)])
  }

  @Sendable func releaseLease(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let consumer = try await consumer(request, context, isChange: true)
    let said = try await form(ReleaseForm.self, of: request)
    try await kept(consumer) { try await consumers.release(consumer, said.lease.value) }
    return try await answer(consumer)
  }

  @Sendable func replayConsumer(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let consumer = try await consumer(request, context, isChange: true)
    let from = try await form(ReplayForm.self, of: request).from.position
    try await requireReach(from, of: consumer.log)
    try await kept(consumer) { try await consumers.replay(consumer, from: from) }
    return try await answer(consumer)
  }

  /// What was parked or skipped, and why.
  @Sendable func setAsideEvents(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let limit = try Request.limit(try request.parameters(["limit"])["limit"], max: 500) ?? 100
    let consumer = try await consumer(request, context)
    let events = try await kept(consumer) { () async throws -> [SetAsideEvent] in
      guard try await consumers.store.state(of: consumer) != nil else { throw ConsumerDesk.Objection.unknownConsumer }
      return try await consumers.store.setAside(of: consumer, limit: limit)
    }
    return Self.json([
      "setAside": .array(
        events.map {
          [
            "id": .string($0.position.padded.description), "subject": .string($0.subject),
            "outcome": .string($0.outcome.rawValue), "reason": .string($0.reason),
          ]
        })
    ])
  }

  // MARK: -

  private func consumer(
    _ request: Request, _ context: Context, isChange: Bool = false
  ) async throws(Problem) -> ConsumerID {
    let log = try await feedLog(request, context)
    if isChange {
      try await refuseAuditor(request)
      // As with the feed itself: what was published and is not there may come back, and was something else.
      if let trouble = service.regression(of: log.plan) { throw Problem(trouble) }
    }
    return ConsumerID(log: log, name: String((context.parameters.get("consumer") ?? "").prefix(Slug.lengthMax + 1)))
  }

  private func answer(
    _ consumer: ConsumerID, _ status: HTTPResponse.Status = .ok
  ) async throws(Problem) -> Response {
    guard let described = try await kept(consumer, { try await describe(consumer) }) else {
      throw .unknownConsumer(consumer)
    }
    var response = Self.json(["consumer": described])
    response.status = status
    return response
  }

  private func describe(_ consumer: ConsumerID) async throws -> JSON? {
    guard let (state, _) = try await consumers.store.state(of: consumer) else { return nil }
    let parked = try await consumers.store.parkedSubjects(of: consumer)
    let size = try await service.store.head(of: consumer.log)?.size ?? .zero
    let leases = Dictionary(
      grouping: state.entries.compactMap { $0.value.lease }, by: \.id
    ).values.compactMap { held in held.first.map { (lease: $0, count: held.count) } }
    return [
      "name": .string(consumer.name), "next": .string(state.next.padded.description), "size": .integer(size.value),
      "leases": .array(
        leases.sorted { $0.lease.worker < $1.lease.worker }.map { held in
          [
            "worker": .string(held.lease.worker), "until": .string(held.lease.until.description),
            "events": .integer(Int64(held.count)),
          ]
        }),
      "waiting": .array(
        state.waiting.map { position, entry in
          [
            "id": .string(position.padded.description), "subject": .string(entry.subject),
            "failures": .integer(Int64(entry.failures)), "reason": entry.reason.map { .string($0) } ?? .null,
          ]
        }),
      "parkedSubjects": .array(parked.keys.sorted().map { .string($0) }),
    ]
  }

  /// The events byte for byte, and how long the worker has them.
  private static func answer(_ leased: ConsumerDesk.Leased) -> Response {
    var body = ByteBuffer()
    body.writeStaticString(#"{"events":["#)
    for (number, event) in leased.events.enumerated() {
      if number > 0 { body.writeStaticString(",") }
      body.writeBytes(event.body)
    }
    let isAnything = !leased.events.isEmpty
    let rest: JSON = [
      "lease": isAnything ? .string(leased.lease.id.description) : .null,
      "until": isAnything ? .string(leased.lease.until.description) : .null,
    ]
    body.writeStaticString("],")
    body.writeBytes(rest.canonicalBytes.dropFirst())
    return response(.ok, "application/json", body, [(.cacheControl, "private, no-store")])
  }

  /// Does something with what is kept of consumers.
  private func kept<Value>(_ consumer: ConsumerID?, _ body: () async throws -> Value) async throws(Problem) -> Value {
    do { return try await body() } catch let problem as Problem { throw problem } catch let objection
      as ConsumerDesk.Objection
    {
      switch objection {
      case .unknownConsumer: throw .unknown("consumer", consumer?.name ?? "", de: "Abnehmer")
      case .leaseEnded:
        throw Problem(
          .conflict, "lease-ended", field: "lease",
          de: "Diese Ausleihe ist zu Ende; was sie hielt, bekommen andere oder Sie mit der nächsten.",
          en: "This lease has ended; what it held goes to others, or to you with the next one.")
      case .contended: throw Problem(Unavailability.contended)
      }
    } catch {
      throw Problem(
        .serviceUnavailable, "store-unavailable",
        de: "Die Datenbank antwortet nicht; ob es aufgehoben wurde, zeigt der Stand des Abnehmers.",
        en: "The database does not answer; where the consumer stands shows whether it was kept.",
        retryAfterSeconds: 2)
    }
  }
}

extension Problem {
  fileprivate static func unknownConsumer(_ consumer: ConsumerID) -> Problem {
    .unknown("consumer", consumer.name, de: "Abnehmer")
  }
}

extension Refusal {
  fileprivate static let tooManyConsumers = Refusal(
    .conflict, "too-many-consumers", field: "consumer",
    de: "Ein Abo hat höchstens \(ConsumerDesk.consumersMax) Abnehmer.",
    en: "A feed has at most \(ConsumerDesk.consumersMax) consumers.")
}
