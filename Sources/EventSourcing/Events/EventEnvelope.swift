/// Identifies one log of a plan; `main` is the plan's own.
public struct LogID: Hashable, Sendable {
  public let plan: EntityID
  public let name: String

  public init(plan: EntityID, name: String = "main") {
    self.plan = plan
    self.name = name
  }

  /// Whether it is the plan's own log.
  public var isMain: Bool { name == "main" }
}

/// The CloudEvents attributes of one event (formats fixed for ever; CloudEvents 1.0.2, structured JSON, RFC 8785).
public struct EventEnvelope: Hashable, Sendable {
  /// The largest stored event: an entry of a C2SP entry bundle has a 16-bit length.
  public static let byteCountMax = 65_535
  /// Random bytes in `salt`, so that no leaf can be guessed from its hash.
  public static let saltByteCount = 16

  public var log: LogID
  public var epoch: Int
  public var position: Position
  public var type: String
  public var subject: Subject
  public var time: Timestamp
  public var effectiveDate: LocalDate
  public var actor: ActorID
  public var onBehalfOf: Subject?
  public var commandID: EntityID
  public var correlationID: EntityID
  public var causationID: EntityID?
  public var recordedSource: RecordedSource

  public init(
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

  public var source: EventSource { EventSource(log: log, epoch: epoch) }

  /// The bytes that are stored, hashed, fed and exported. Keys in canonical order.
  public func encode(_ payload: any EventPayload, disclosing sink: inout DisclosureSink) -> [UInt8] {
    var writer = CanonicalJSONWriter(reservingCapacity: 1024)
    writer.beginObject()
    writer.key("actor")
    writer.string(actor)
    if let causationID {
      writer.key("causationid")
      writer.string(causationID)
    }
    writer.key("commandid")
    writer.string(commandID)
    writer.key("correlationid")
    writer.string(correlationID)
    writer.key("data")
    payload.writeData(to: &writer, disclosing: &sink)
    writer.key("datacontenttype")
    writer.string("application/json")
    writer.key("effectivedate")
    writer.string(effectiveDate)
    writer.key("id")
    writer.string(position.padded)
    if let onBehalfOf {
      writer.key("onbehalfof")
      writer.string(onBehalfOf)
    }
    writer.key("recordedsource")
    writer.string(recordedSource.rawValue)
    writer.key("salt")
    writer.base64URL(sink.salt(byteCount: Self.saltByteCount))
    writer.key("sequence")
    writer.string(position.padded)
    writer.key("source")
    writer.string(source)
    writer.key("specversion")
    writer.string("1.0")
    writer.key("subject")
    writer.string(subject)
    writer.key("time")
    writer.string(time)
    writer.key("type")
    writer.string(type)
    writer.endObject()
    return writer.bytes
  }

  /// Reads the attributes and the data of stored bytes; nil when they are not an event of ours as `encode` writes it.
  public static func decode(_ bytes: [UInt8]) -> (envelope: EventEnvelope, data: JSON)? {
    bytes.withUnsafeBytes { decode($0) }
  }

  /// Does the same with bytes that lie elsewhere than in an array, such as a row of a query result.
  public static func decode(_ bytes: UnsafeRawBufferPointer) -> (envelope: EventEnvelope, data: JSON)? {
    bytes.withMemoryRebound(to: UInt8.self) { text in
      var reader = CanonicalJSONReader(text)
      // What may be absent must not be unreadable: an event is read whole or not at all.
      guard let actor = reader.string("actor").flatMap({ ActorID(utf8: $0) }),
        let causation = reader.optionalString("causationid"),
        let commandID = reader.string("commandid").flatMap({ EntityID(utf8: $0) }),
        let correlationID = reader.string("correlationid").flatMap({ EntityID(utf8: $0) }),
        let data = reader.value("data"),
        reader.string("datacontenttype")?.elementsEqual("application/json") == true,
        let effectiveDate = reader.string("effectivedate").flatMap({ LocalDate(utf8: $0) }),
        let id = reader.string("id"), let position = Position(padded: id),
        let behalf = reader.optionalString("onbehalfof"),
        let recordedSource = reader.string("recordedsource").flatMap({
          RecordedSource(rawValue: String(decoding: $0, as: UTF8.self))
        }),
        reader.string("salt") != nil, reader.string("sequence")?.elementsEqual(id) == true,
        let (log, epoch) = reader.string("source").flatMap(parseSource),
        reader.string("specversion")?.elementsEqual("1.0") == true,
        let subject = reader.string("subject").flatMap({ Subject(utf8: $0) }),
        let time = reader.string("time").flatMap({ Timestamp(utf8: $0) }), let type = reader.string("type"),
        reader.isAtEnd
      else { return nil }
      let causationID = causation.flatMap { EntityID(utf8: $0) }
      let onBehalfOf = behalf.flatMap { Subject(utf8: $0) }
      guard (causation == nil) == (causationID == nil), (behalf == nil) == (onBehalfOf == nil) else { return nil }
      let envelope = EventEnvelope(
        log: log, epoch: epoch, position: position, type: String(decoding: type, as: UTF8.self), subject: subject,
        time: time, effectiveDate: effectiveDate, actor: actor, onBehalfOf: onBehalfOf, commandID: commandID,
        correlationID: correlationID, causationID: causationID, recordedSource: recordedSource)
      return (envelope, data)
    }
  }

  private static func parseSource(_ source: UnsafeBufferPointer<UInt8>) -> (id: LogID, epoch: Int)? {
    let idLength = 36
    guard let rest = source.dropping("urn:federwerk:plan:"), rest.count > idLength,
      let plan = EntityID(utf8: UnsafeBufferPointer(rebasing: rest[..<idLength])),
      let rest = UnsafeBufferPointer(rebasing: rest[idLength...]).dropping(":log:"),
      let colon = rest.firstIndex(of: UInt8(ascii: ":")),
      let epoch = UnsafeBufferPointer(rebasing: rest[colon...]).dropping(":epoch:")?.decimal
    else { return nil }
    return (LogID(plan: plan, name: String(decoding: rest[..<colon], as: UTF8.self)), Int(epoch))
  }
}

/// The log and epoch of an event, as its `source` names them.
public struct EventSource: PlainText {
  let log: LogID
  let epoch: Int

  public init(log: LogID, epoch: Int) {
    self.log = log
    self.epoch = epoch
  }

  public var description: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  public func append(to bytes: inout [UInt8]) {
    log.appendSourcePrefix(to: &bytes)
    bytes.append(contentsOf: epoch.description.utf8)
  }
}
