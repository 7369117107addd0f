import EventSourcing
import Foundation
import Testing

struct EventEnvelopeTests {
  private struct Reported: EventPayload {
    static let type = "org.federwerk.measure.progress-reported.v1"
    static let record = Record(
      Self.init(condition:percent:text:), Field("condition", \.condition), Field("percent", \.percent),
      Field("text", \.text))
    let condition: Slug
    let percent: Int?
    let text: Disclosable
  }

  private static let plan = EntityID(high: 0x0190_B0A0_0000_7000, low: 0x8000_0000_0000_0001)

  private static let envelope = EventEnvelope(
    log: LogID(plan: plan), epoch: 1, position: Position(41), type: Reported.type,
    subject: Subject("measures", EntityID(high: 0x0190_B0A0_0000_7000, low: 0x8000_0000_0000_0002)),
    time: Timestamp(microsecondsSinceEpoch: 1_551_441_600_000_123), effectiveDate: LocalDate(daysSinceEpoch: 17_955),
    actor: .user(EntityID(high: 0x0190_B0A0_0000_7000, low: 0x8000_0000_0000_0003)),
    onBehalfOf: Subject("institutions", EntityID(high: 0x0190_B0A0_0000_7000, low: 0x8000_0000_0000_0004)),
    commandID: EntityID(high: 0x0190_B0A0_0000_7000, low: 0x8000_0000_0000_0005),
    correlationID: EntityID(high: 0x0190_B0A0_0000_7000, low: 0x8000_0000_0000_0006),
    causationID: EntityID(high: 0x0190_B0A0_0000_7000, low: 0x8000_0000_0000_0007), recordedSource: .api)

  private static let payload = Reported(
    condition: Slug(normalized: "at-risk") ?? fallback, percent: 40, text: .text("Verzögerung um ein Quartal"))
  private static var fallback: Slug { fatalError("not a slug") }

  /// Stored bytes can never change: if this fails, the code is wrong and not the sample.
  private static let frozen = #"""
    {"actor":"users/0190b0a0-0000-7000-8000-000000000003","causationid":"0190b0a0-0000-7000-8000-000000000007","\#
    commandid":"0190b0a0-0000-7000-8000-000000000005","correlationid":"0190b0a0-0000-7000-8000-000000000006","da\#
    ta":{"_sd":["fgChHNPFaPlAs3yQpFjzJ09ZV4sqWZynpbfpjI04XaY"],"condition":"at-risk","percent":40},"datacontentt\#
    ype":"application/json","effectivedate":"2019-02-28","id":"0000000000000041","onbehalfof":"institutions/0190\#
    b0a0-0000-7000-8000-000000000004","recordedsource":"api","salt":"8iNIJFpYvAkG24A8-jFE3g","sequence":"0000000\#
    000000041","source":"urn:federwerk:plan:0190b0a0-0000-7000-8000-000000000001:log:main:epoch:1","specversion"\#
    :"1.0","subject":"measures/0190b0a0-0000-7000-8000-000000000002","time":"2019-03-01T12:00:00.000123Z","type"\#
    :"org.federwerk.measure.progress-reported.v1"}
    """#

  @Test func `an envelope is encoded to the frozen bytes`() throws {
    var sink = DisclosureSink(seed: 42)
    let bytes = Self.envelope.encode(Self.payload, disclosing: &sink)
    #expect(String(decoding: bytes, as: UTF8.self) == Self.frozen)
    #expect(try JSONParser.parse(bytes).canonicalBytes == bytes, "the bytes are canonical")
    #expect(
      sink.disclosures.map(\.encoded) == [
        "WyJsVzdyTHlZeTE3MEQ4V2F5TS1QdktGS2ZEeE5YWjFKSGxPTktEdl9oSEZnIiwidGV4dCIsIlZlcnrDtmdlcnVuZyB1bSBlaW4gUXVhcnRhbCJd"
      ])
  }

  @Test func `the frozen bytes decode to the same envelope and data`() throws {
    let (envelope, data) = try #require(EventEnvelope.decode(Array(Self.frozen.utf8)))
    #expect(envelope == Self.envelope)
    #expect(data["condition"] == "at-risk")
    #expect(data["percent"] == 40)
    #expect(data["text"] == nil)
    #expect(data["_sd"]?.array?.count == 1)
  }

  @Test func `an envelope without its optional attributes comes back without them`() throws {
    var envelope = Self.envelope
    envelope.onBehalfOf = nil
    envelope.causationID = nil
    envelope.actor = .system("clock")
    envelope.recordedSource = .clock
    envelope.log = LogID(plan: Self.plan, name: "access")
    envelope.epoch = 12
    envelope.position = Position(9_999_999_999_999_999)
    var sink = DisclosureSink(seed: 1)
    let bytes = envelope.encode(Self.payload, disclosing: &sink)
    #expect(try JSONParser.parse(bytes)["onbehalfof"] == nil)
    #expect(try #require(EventEnvelope.decode(bytes)).envelope == envelope)
  }

  @Test(arguments: RecordedSource.allCases)
  func `every recorded source comes back`(source: RecordedSource) throws {
    var envelope = Self.envelope
    envelope.recordedSource = source
    var sink = DisclosureSink(seed: 1)
    #expect(EventEnvelope.decode(envelope.encode(Self.payload, disclosing: &sink))?.envelope == envelope)
  }

  @Test func `two encodings of one event differ in their salt`() {
    var sink = DisclosureSink()
    let one = Self.envelope.encode(Self.payload, disclosing: &sink)
    #expect(one != Self.envelope.encode(Self.payload, disclosing: &sink))
  }

  @Test(
    arguments: [
      ("specversion", nil), ("specversion", "0.3"), ("source", nil),
      ("source", "urn:federwerk:plan:x:log:main:epoch:1"),
      ("source", "urn:federwerk:plan:0190b0a0-0000-7000-8000-000000000001:log:main"),
      ("source", "urn:federwerk:plan:0190b0a0-0000-7000-8000-000000000001:log:main:epoch:x"),
      ("source", "urn:federwerk:plan:0190b0a0-0000-7000-8000-000000000001:log:main:epoch:1:2"),
      ("id", nil), ("id", "41"), ("id", "0000000000000042"), ("id", 41), ("id", "000000000000004x"),
      ("id", "-000000000000041"), ("sequence", nil), ("sequence", "0000000000000042"), ("type", nil), ("type", 1),
      ("subject", nil), ("subject", "measures"), ("subject", "measures/x"),
      ("subject", "/0190b0a0-0000-7000-8000-000000000002"),
      ("time", nil), ("time", "yesterday"), ("effectivedate", nil), ("effectivedate", "2019-02-30"), ("actor", nil),
      ("actor", "Erika Mustermann"), ("actor", "system:"), ("actor", "users/x"), ("commandid", nil), ("commandid", "x"),
      ("correlationid", nil), ("correlationid", 5), ("recordedsource", nil), ("recordedsource", "elsewhere"),
      ("data", nil), ("onbehalfof", "senweb"), ("onbehalfof", 7), ("causationid", "x"), ("causationid", false),
    ] as [(String, JSON?)])
  func `an envelope with a missing or malformed attribute is no event`(attribute: String, value: JSON?) throws {
    let json = try JSONParser.parse(Array(Self.frozen.utf8))
    #expect(EventEnvelope.decode(json.replacing(attribute, value).canonicalBytes)?.envelope == nil)
  }

  @Test(arguments: ["", "null", "[]", "{}", "{", "\"x\"", "{\"data\":{}}"])
  func `other bytes are no event`(text: String) { #expect(EventEnvelope.decode(Array(text.utf8))?.envelope == nil) }

  @Test(arguments: [
    ("{\"actor\"", "{ \"actor\""), ("\"id\":", "\"id\": "), ("\"1.0\"", "\"1.\\u0030\""),
    ("\"salt\":\"", "\"salt\":\"ä"),
    ("\"salt\":\"", "\"salt\":\"\u{7F}"), ("\"specversion\"", "\"a\":\"b\",\"specversion\""), ("\"}", "\"} "),
    ("\"}", "\",\"zone\":\"x\"}"),
  ])
  func `an event in any form but the canonical one is none`(part: String, other: String) throws {
    let range = try #require(Self.frozen.range(of: part, options: part == "\"}" ? .backwards : []))
    let changed = Self.frozen.replacingCharacters(in: range, with: other)
    #expect(EventEnvelope.decode(Array(Self.frozen.utf8)) != nil)
    #expect(EventEnvelope.decode(Array(changed.utf8))?.envelope == nil)
  }

  @Test func `a part of an event is no event, and no byte out of place stops the reader`() {
    let whole = Array(Self.frozen.utf8)
    for count in 0..<whole.count { #expect(EventEnvelope.decode(Array(whole[..<count]))?.envelope == nil) }
    for index in whole.indices {
      for byte in [0, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "{"), 0xFF] as [UInt8] {
        var changed = whole
        changed[index] = byte
        _ = EventEnvelope.decode(changed)
      }
    }
  }

  @Test(arguments: ["users/0190b0a0-0000-7000-8000-000000000003", "system:clock", "system:import", "system:a:b"])
  func `actors print and parse back`(text: String) throws { #expect(try #require(ActorID(text)).description == text) }

  @Test(arguments: [
    "", "system", "system:", "user/0190b0a0-0000-7000-8000-000000000003", "users/", "clock", "xsystem:y",
  ])
  func `other actors are refused`(text: String) { #expect(ActorID(text) == nil) }

}
