internal import Coordination
internal import EventSourcing
internal import TamperEvidence

/// What one round of the writer would append, and what each caller would be told.
struct BatchDecision: Sendable {
  /// One caller's part in the batch.
  enum Verdict: Sendable {
    case accepted(first: Int, count: Int)
    case dryRun([UInt8])
    case refused(Refusal)
  }

  private(set) var plan: Plan
  private(set) var frontier: MerkleFrontier
  private(set) var events: [StoredEvent] = []
  private(set) var disclosures: [StoredDisclosure] = []
  private(set) var erasures: [Erasure] = []
  private(set) var verdicts: [Verdict] = []
  private let log: LogID
  private let recordedAt: Timestamp
  private let epoch: Int
  private var sink = DisclosureSink()
  /// One secure seed per batch; the commands' identifiers follow from it.
  private var seeds = SplitMix64(state: .random(in: .min ... .max))

  init(onto replay: LogReplay, log: LogID, recordedAt: Timestamp, epoch: Int) {
    plan = replay.plan
    frontier = replay.frontier
    self.log = log
    self.recordedAt = recordedAt
    self.epoch = epoch
  }

  /// Decides one request after those before it. A refusal leaves no trace in the batch.
  mutating func decide(_ request: CommandRequest, today: LocalDate) {
    // A command alone changes the plan only once nothing can be refused any more. Whoever may have to be undone keeps
    // the state before; holding it makes every change copy, so the others do without.
    let before = request.isDryRun || request.commands.count > 1 ? self : nil
    let first = events.count
    do throws(Refusal) {
      try decideAll(request, onto: before?.plan, today)
      guard request.isDryRun else { return verdicts.append(.accepted(first: first, count: events.count - first)) }
      let answer = answer(first: first, count: events.count - first, ending: answerEnding)
      if let before { self = before }
      verdicts.append(.dryRun(answer))
    } catch {
      if let before { self = before }
      verdicts.append(.refused(error))
    }
  }

  private mutating func decideAll(
    _ request: CommandRequest, onto base: Plan?, _ today: LocalDate
  ) throws(Refusal) {
    var identifiers = IdentifierSource(seed: seeds.next(), at: recordedAt)
    let correlationID = identifiers.next()
    for (index, requested) in request.commands.enumerated() {
      let commandID = identifiers.next()
      do throws(Refusal) {
        let encoded = try prepare(
          requested, of: request, onto: base, commandID, request.isList ? correlationID : commandID, today)
        for event in encoded { append(event) }
      } catch {
        throw request.isList ? error.within("commands[\(index)].with") : error
      }
    }
  }

  /// An event that is decided and encoded; nothing can be refused any more.
  private struct EncodedEvent {
    let fact: any PlanFact
    let envelope: EventEnvelope
    let body: [UInt8]
    let disclosures: [Disclosure]
  }

  private mutating func prepare(
    _ requested: RequestedCommand, of request: CommandRequest, onto base: Plan?, _ commandID: EntityID,
    _ correlationID: EntityID, _ today: LocalDate
  ) throws(Refusal) -> [EncodedEvent] {
    var context = DecisionContext(
      now: recordedAt, today: today, actor: request.actor, effectiveDate: requested.effectiveDate,
      identifiers: IdentifierSource(seed: commandID.low, at: recordedAt))
    let onBehalfOf = try plan.onBehalfOf(requested.onBehalfOf, request.actor)
    context.onBehalfOf = onBehalfOf?.id
    context.knowsTimeZone = { Plan.knowsTimeZone($0) }
    let decided = try Decider.decide(
      requested.command, on: plan, &context, unchangedSince: request.ifMatch, base: base)
    var encoded: [EncodedEvent] = []
    for event in decided {
      let envelope = EventEnvelope(
        log: log, epoch: epoch, position: Position(plan.size.value + Int64(encoded.count)),
        type: type(of: event.fact).type, subject: event.subject, time: recordedAt, effectiveDate: context.effectiveDate,
        actor: request.actor.id, onBehalfOf: onBehalfOf, commandID: commandID, correlationID: correlationID,
        causationID: nil, recordedSource: request.recordedSource)
      encoded.append(try encode(event.fact, envelope))
    }
    return encoded
  }

  private mutating func encode(_ fact: any PlanFact, _ envelope: EventEnvelope) throws(Refusal) -> EncodedEvent {
    let body = envelope.encode(fact, disclosing: &sink)
    guard body.count <= EventEnvelope.byteCountMax else {
      throw Refusal(
        .tooLarge, "event-too-large", de: "Das Ereignis wäre zu groß.", en: "The event would be too large.",
        facts: [
          .init("bytes", .integer(Int64(body.count))), .init("bytesMax", .integer(Int64(EventEnvelope.byteCountMax))),
        ])
    }
    return EncodedEvent(fact: fact, envelope: envelope, body: body, disclosures: sink.takeDisclosures())
  }

  private mutating func append(_ event: EncodedEvent) {
    let envelope = event.envelope
    let leafHash = MerkleTree.leafHash(event.body)
    frontier.append(leafHash)
    events.append(
      StoredEvent(
        position: envelope.position, type: envelope.type, subject: envelope.subject.description,
        effectiveDate: envelope.effectiveDate, recordedAt: envelope.time, body: event.body, leafHash: leafHash.bytes))
    for disclosure in event.disclosures {
      disclosures.append(
        StoredDisclosure(position: envelope.position, digest: disclosure.digest, encoded: disclosure.encoded))
    }
    erasures += event.fact.erasures
    plan.apply(event.fact, EventRecord(envelope))
  }

  /// The end of every answer: it names the head that is committed, so it is made once, after the whole batch is
  /// decided.
  var answerEnding: [UInt8] { Array(",\"root\":\"\(frontier.root.base64)\",\"size\":\(plan.size.value)}".utf8) }

  /// The answer of an accepted request.
  func answer(first: Int, count: Int, ending: [UInt8]) -> [UInt8] {
    let own = events[first..<first + count]
    let lastPosition = own.last?.position ?? plan.size.lastPosition
    var writer = CanonicalJSONWriter(reservingCapacity: 320)
    writer.beginObject()
    writer.key("events")
    writer.beginArray()
    for event in own {
      writer.beginObject()
      writer.key("position")
      writer.integer(event.position.value)
      writer.key("subject")
      writer.string(event.subject)
      writer.key("type")
      writer.string(event.type)
      writer.endObject()
    }
    writer.endArray()
    writer.key("position")
    if let lastPosition { writer.integer(lastPosition.value) } else { writer.null() }
    var bytes = writer.bytes
    bytes.append(contentsOf: ending)
    return bytes
  }
}

extension Plan {
  /// On whose behalf the events say they were recorded: the institution named, else the actor's own.
  fileprivate func onBehalfOf(_ reference: PartyReference?, _ actor: PlanActor) throws(Refusal) -> Subject? {
    guard let reference else { return actor.institution.flatMap { party($0) }?.subject }
    guard let party = party(reference.text) else {
      throw Refusal(
        .notFound, "unknown-institution", field: "onBehalfOf",
        de: "Nicht gefunden: Institution „\(reference.text)“.", en: "There is no institution “\(reference.text)”.",
        facts: [.init("reference", .string(reference.text))])
    }
    let isOwn = actor.institution.flatMap { self.party($0) }?.id == party.id
    try ensure(
      isOwn || actor.role == .coordinator || actor.role == .system,
      Refusal(
        .forbidden, "other-institution", field: "onBehalfOf",
        de: "Sie handeln nur für Ihre eigene Institution.", en: "You act for your own institution only."))
    return party.subject
  }
}
