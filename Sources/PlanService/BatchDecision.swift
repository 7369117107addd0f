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
  private(set) var verdicts: [Verdict] = []
  private let log: LogID
  private let recordedAt: Timestamp
  private let epoch: Int
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
    do throws(Refusal) {
      let draft = try Draft(request, onto: plan, frontier: frontier, in: self, today: today, seed: seeds.next())
      if request.isDryRun {
        verdicts.append(
          .dryRun(
            Self.answer(
              events: draft.events[...], lastPosition: draft.plan.size.lastPosition, size: draft.plan.size,
              root: draft.frontier.root)))
      } else {
        verdicts.append(.accepted(first: events.count, count: draft.events.count))
        plan = draft.plan
        frontier = draft.frontier
        events += draft.events
        disclosures += draft.disclosures
      }
    } catch {
      verdicts.append(.refused(error))
    }
  }

  /// The answer of an accepted request, made after the whole batch is decided: it names the head that is committed.
  func answer(first: Int, count: Int) -> [UInt8] {
    let own = events[first..<first + count]
    return Self.answer(
      events: own, lastPosition: own.last?.position ?? plan.size.lastPosition, size: plan.size, root: frontier.root)
  }

  private static func answer(
    events: ArraySlice<StoredEvent>, lastPosition: Position?, size: LogSize, root: MerkleHash
  ) -> [UInt8] {
    var writer = CanonicalJSONWriter(reservingCapacity: 256)
    writer.beginObject()
    writer.key("events")
    writer.beginArray()
    for event in events {
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
    writer.key("root")
    writer.string(root.base64)
    writer.key("size")
    writer.integer(size.value)
    writer.endObject()
    return writer.bytes
  }

  /// One request decided on its own copy of the plan, kept only when all of it is accepted.
  private struct Draft {
    private let base: Plan
    var plan: Plan
    var frontier: MerkleFrontier
    var events: [StoredEvent] = []
    var disclosures: [StoredDisclosure] = []

    init(
      _ request: CommandRequest, onto plan: Plan, frontier: MerkleFrontier, in batch: BatchDecision, today: LocalDate,
      seed: UInt64
    ) throws(Refusal) {
      base = plan
      self.plan = plan
      self.frontier = frontier
      var identifiers = IdentifierSource(seed: seed, at: batch.recordedAt)
      let correlationID = identifiers.next()
      for (index, requested) in request.commands.enumerated() {
        do throws(Refusal) {
          try decide(requested, request, identifiers.next(), correlationID, batch, today)
        } catch {
          throw request.isList ? error.within("commands[\(index)]") : error
        }
      }
    }

    private mutating func decide(
      _ requested: RequestedCommand, _ request: CommandRequest, _ commandID: EntityID, _ correlationID: EntityID,
      _ batch: BatchDecision, _ today: LocalDate
    ) throws(Refusal) {
      var context = DecisionContext(
        now: batch.recordedAt, today: today, actor: request.actor, effectiveDate: requested.effectiveDate,
        identifiers: IdentifierSource(seed: commandID.low, at: batch.recordedAt))
      let onBehalfOf = try plan.onBehalfOf(requested.onBehalfOf, request.actor)
      let decided = try Decider.decide(
        requested.command, on: plan, &context, unchangedSince: request.ifMatch, base: base)
      for event in decided {
        guard let fact = event.payload as? any PlanFact else { continue }
        let envelope = EventEnvelope(
          log: batch.log, epoch: batch.epoch, position: plan.size.nextPosition, type: type(of: fact).type,
          subject: event.subject, time: batch.recordedAt, effectiveDate: context.effectiveDate,
          actor: request.actor.id, onBehalfOf: onBehalfOf, commandID: commandID,
          correlationID: request.isList ? correlationID : commandID, causationID: nil,
          recordedSource: request.recordedSource)
        try append(fact, envelope)
      }
    }

    private mutating func append(_ fact: any PlanFact, _ envelope: EventEnvelope) throws(Refusal) {
      var sink = DisclosureSink()
      let body = envelope.encode(fact, disclosing: &sink)
      guard body.count <= EventEnvelope.byteCountMax else {
        throw Refusal(
          .tooLarge, "event-too-large", de: "Das Ereignis wäre zu groß.", en: "The event would be too large.",
          facts: [
            .init("bytes", .integer(Int64(body.count))), .init("bytesMax", .integer(Int64(EventEnvelope.byteCountMax))),
          ])
      }
      let leafHash = MerkleTree.leafHash(body)
      frontier.append(leafHash)
      events.append(
        StoredEvent(
          position: envelope.position, type: envelope.type, subject: envelope.subject.description,
          effectiveDate: envelope.effectiveDate, recordedAt: envelope.time, body: body, leafHash: leafHash.bytes))
      for disclosure in sink.disclosures {
        disclosures.append(
          StoredDisclosure(position: envelope.position, digest: disclosure.digest, encoded: disclosure.encoded))
      }
      plan.apply(
        fact,
        EventRecord(
          position: envelope.position, subject: envelope.subject, recordedAt: envelope.time,
          effectiveDate: envelope.effectiveDate, actor: envelope.actor, recordedSource: envelope.recordedSource))
    }
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
