/// An event of a plan's log as it is issued once more, for one partner, in a log of its own (CloudEvents 1.0.2,
/// structured JSON, RFC 8785).
///
/// It says what happened and nothing of where the plan's log has it: no position, no actor, no command. Its link to the
/// plan's leaf is a digest in `data`, salted like everything that is not to be guessed; only auditors and the office
/// get what is behind it.
public struct ReissuedEvent: Sendable {
  /// The name of the disclosure that holds the link.
  public static let linkName = "leaf"

  public let log: LogID
  public let epoch: Int
  public let position: Position
  /// Where a partner fetches more about the subject, as a reference within the API.
  public let detail: String
  /// As the plan's log has it.
  public let original: EventEnvelope

  public init(log: LogID, epoch: Int, position: Position, detail: String, original: EventEnvelope) {
    self.log = log
    self.epoch = epoch
    self.position = position
    self.detail = detail
    self.original = original
  }

  /// The bytes that are stored, hashed and fed. Keys in canonical order.
  /// - Parameters:
  ///   - facts: what of them the partner may know.
  ///   - digests: of the disclosures that come along, where some do; the link's is added.
  /// - Returns: the bytes, and the disclosure that links them to the plan's leaf.
  public func encode<Fact: EventPayload>(
    _ facts: Fact, digests: [String], leafHash: [UInt8], salts: inout DisclosureSink
  ) -> (entry: [UInt8], link: Disclosure) {
    let link = Disclosure(
      salt: salts.salt(byteCount: Disclosure.saltByteCount), name: Self.linkName,
      value: [
        "hash": .string(Base64URL.encode(leafHash)), "position": .integer(original.position.value),
      ])
    var writer = CanonicalJSONWriter(reservingCapacity: 1024)
    writer.beginObject()
    writer.key("data")
    Fact.record.write(facts, to: &writer, digests: digests + [link.digest])
    writer.key("datacontenttype")
    writer.string("application/json")
    writer.key("dataref")
    writer.string(detail)
    writer.key("effectivedate")
    writer.string(original.effectiveDate)
    writer.key("id")
    writer.string(position.padded)
    if let onBehalfOf = original.onBehalfOf {
      writer.key("onbehalfof")
      writer.string(onBehalfOf)
    }
    writer.key("partitionkey")
    writer.string(original.subject)
    writer.key("recordedsource")
    writer.string(original.recordedSource.rawValue)
    writer.key("salt")
    writer.base64URL(salts.salt(byteCount: EventEnvelope.saltByteCount))
    writer.key("sequence")
    writer.string(position.padded)
    writer.key("source")
    writer.string(EventSource(log: log, epoch: epoch))
    writer.key("specversion")
    writer.string("1.0")
    writer.key("subject")
    writer.string(original.subject)
    writer.key("time")
    writer.string(original.time)
    writer.key("type")
    writer.string(original.type)
    writer.endObject()
    return (writer.bytes, link)
  }

  /// The position in the plan's log that a disclosure of a feed links to.
  public static func linkedPosition(_ disclosure: String) -> Position? {
    guard let (name, value) = Disclosure(encoded: disclosure).content, name == linkName else { return nil }
    return value["position"]?.integer.map { Position($0) }
  }
}
