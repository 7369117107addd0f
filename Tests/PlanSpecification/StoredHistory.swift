internal import Coordination
public import EventSourcing
internal import Testing

extension DeciderSpecification {
  /// The plan of the samples, with every sample that it still accepts once the others were carried out.
  public static let everything: DeciderSpecification = {
    var spec = CommandSamples.spec(for: "add-alias")
    for (command, json) in CommandSamples.accepted.sorted(by: { $0.key < $1.key }) {
      let actor = CommandSamples.actor(for: command)
      guard case .success(let events) = spec.when(command, json, as: actor).result else { continue }
      spec.record(events, as: actor, on: spec.today)
    }
    return spec
  }()

  /// Every event as a log stores it, but for its leaf hash, which the caller computes.
  public func storedHistory(
    as source: RecordedSource = .api, leafHash: (_ body: [UInt8]) -> [UInt8]
  ) -> [(event: StoredEvent, disclosures: [StoredDisclosure])] {
    var before = Plan(id: plan.id)
    return history.map { fact, record, actor in
      let command = EntityID(high: 0x7000, low: 0x8000_0000_0000_0000 | UInt64(record.position.value))
      let envelope = EventEnvelope(
        log: LogID(plan: plan.id), epoch: 1, position: record.position, type: type(of: fact).type,
        subject: record.subject, time: record.recordedAt, effectiveDate: record.effectiveDate, actor: record.actor,
        onBehalfOf: actor.institution.flatMap { before.party($0) }?.subject, commandID: command,
        correlationID: command, causationID: nil, recordedSource: source)
      before.apply(fact, record)
      var sink = DisclosureSink(seed: UInt64(record.position.value))
      let body = envelope.encode(fact, disclosing: &sink)
      let event = StoredEvent(
        position: record.position, type: envelope.type, subject: envelope.subject.description,
        effectiveDate: envelope.effectiveDate, recordedAt: envelope.time, body: body, leafHash: leafHash(body))
      let disclosures = sink.takeDisclosures().map {
        StoredDisclosure(position: record.position, digest: $0.digest, encoded: $0.encoded)
      }
      return (event, disclosures)
    }
  }
}
