/// Identifies one log of a plan; `main` is the plan's own.
package struct LogID: Hashable, Sendable {
  package let plan: EntityID
  package let name: String

  package init(plan: EntityID, name: String = "main") {
    self.plan = plan
    self.name = name
  }
}

/// The CloudEvents attributes of one event (formats fixed for ever; CloudEvents 1.0.2, structured JSON, RFC 8785).
package struct EventEnvelope: Hashable, Sendable {
  /// The largest stored event: an entry of a C2SP entry bundle has a 16-bit length.
  package static let byteCountMax = 65_535
  /// Random bytes in `salt`, so that no leaf can be guessed from its hash.
  package static let saltByteCount = 16

  package var log: LogID
  package var epoch: Int
  package var position: Position
  package var type: String
  package var subject: Subject
  package var time: Timestamp
  package var effectiveDate: LocalDate
  package var actor: ActorID
  package var onBehalfOf: Subject?
  package var commandID: EntityID
  package var correlationID: EntityID
  package var causationID: EntityID?
  package var recordedSource: RecordedSource

  package init(
    log: LogID, epoch: Int, position: Position, type: String, subject: Subject, time: Timestamp,
    effectiveDate: LocalDate, actor: ActorID, onBehalfOf: Subject?, commandID: EntityID, correlationID: EntityID,
    causationID: EntityID?, recordedSource: RecordedSource
  ) {
    self.log = log
    self.epoch = epoch
    self.position = position
    self.type = type
    self.subject = subject
    self.time = time
    self.effectiveDate = effectiveDate
    self.actor = actor
    self.onBehalfOf = onBehalfOf
    self.commandID = commandID
    self.correlationID = correlationID
    self.causationID = causationID
    self.recordedSource = recordedSource
  }

  package var source: String { "urn:federwerk:plan:\(log.plan):log:\(log.name):epoch:\(epoch)" }

  /// The bytes that are stored, hashed, fed and exported. Keys in canonical order.
  package func encode(_ payload: any EventPayload, disclosing sink: inout DisclosureSink) -> [UInt8] {
    var writer = CanonicalJSONWriter(reservingCapacity: 1024)
    writer.beginObject()
    writer.key("actor")
    writer.string(actor.description)
    if let causationID {
      writer.key("causationid")
      writer.string(causationID.description)
    }
    writer.key("commandid")
    writer.string(commandID.description)
    writer.key("correlationid")
    writer.string(correlationID.description)
    writer.key("data")
    payload.writeData(to: &writer, disclosing: &sink)
    writer.key("datacontenttype")
    writer.string("application/json")
    writer.key("effectivedate")
    writer.string(effectiveDate.description)
    writer.key("id")
    writer.string(position.padded)
    if let onBehalfOf {
      writer.key("onbehalfof")
      writer.string(onBehalfOf.description)
    }
    writer.key("recordedsource")
    writer.string(recordedSource.rawValue)
    writer.key("salt")
    writer.string(Base64URL.encode(sink.salt(byteCount: Self.saltByteCount)))
    writer.key("sequence")
    writer.string(position.padded)
    writer.key("source")
    writer.string(source)
    writer.key("specversion")
    writer.string("1.0")
    writer.key("subject")
    writer.string(subject.description)
    writer.key("time")
    writer.string(time.description)
    writer.key("type")
    writer.string(type)
    writer.endObject()
    return writer.bytes
  }

  /// Reads the attributes and the data of stored bytes; nil when they are not an event of ours.
  package static func decode(_ bytes: [UInt8]) -> (envelope: EventEnvelope, data: JSON)? {
    guard let json = try? JSONParser.parse(bytes), let members = json.members else { return nil }
    var texts: [String: String] = [:]
    var data: JSON?
    for member in members {
      if member.key == "data" {
        data = member.value
      } else if let text = member.value.string {
        texts[member.key] = text
      } else {
        return nil
      }
    }
    guard let data, texts["specversion"] == "1.0", let source = texts["source"], let log = parseSource(source),
      let id = texts["id"], let number = Int64(id), texts["sequence"] == id, Position(number).padded == id,
      let type = texts["type"], let subject = texts["subject"].flatMap(Subject.init),
      let time = texts["time"].flatMap({ Timestamp($0) }),
      let effectiveDate = texts["effectivedate"].flatMap({ LocalDate($0) }),
      let actor = texts["actor"].flatMap(ActorID.init), let commandID = texts["commandid"].flatMap({ EntityID($0) }),
      let correlationID = texts["correlationid"].flatMap({ EntityID($0) }),
      let recordedSource = texts["recordedsource"].flatMap(RecordedSource.init)
    else { return nil }
    let onBehalfOf = texts["onbehalfof"].flatMap(Subject.init)
    let causationID = texts["causationid"].flatMap { EntityID($0) }
    // What may be absent must not be unreadable: an event is read whole or not at all.
    guard (onBehalfOf == nil) == (texts["onbehalfof"] == nil), (causationID == nil) == (texts["causationid"] == nil)
    else { return nil }
    let envelope = EventEnvelope(
      log: log.id, epoch: log.epoch, position: Position(number), type: type, subject: subject, time: time,
      effectiveDate: effectiveDate, actor: actor, onBehalfOf: onBehalfOf,
      commandID: commandID, correlationID: correlationID, causationID: causationID, recordedSource: recordedSource)
    return (envelope, data)
  }

  private static func parseSource(_ source: String) -> (id: LogID, epoch: Int)? {
    let parts = source.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 8, parts[0] == "urn", parts[1] == "federwerk", parts[2] == "plan",
      let plan = EntityID(parts[3]), parts[4] == "log", parts[6] == "epoch", let epoch = Int(parts[7])
    else { return nil }
    return (LogID(plan: plan, name: String(parts[5])), epoch)
  }
}
