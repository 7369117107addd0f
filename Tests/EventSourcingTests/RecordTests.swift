import EventSourcing
import Testing

struct RecordTests {
  private enum Colour: String, ChoiceFieldValue { case red, green }

  private struct Inner: RecordFieldValue, Hashable {
    static let record = Record(Self.init(number:label:), Field("number", \.number), Field("label", \.label))
    let number: Int
    let label: Label?
  }

  private struct Sample: Hashable {
    static let record = Record(
      Self.init(title:count:isOpen:day:id:colour:parts:inner:text:),
      Field("title", \.title, de: "Titel", en: "title"), Field("count", \.count), Field("isOpen", \.isOpen),
      Field("day", \.day), Field("id", \.id), Field("colour", \.colour), Field("parts", \.parts),
      Field("inner", \.inner), Field("text", \.text))
    let title: Label
    let count: Int
    let isOpen: Bool?
    let day: LocalDate?
    let id: Identifier<Sample>?
    let colour: Colour?
    let parts: [Slug]
    let inner: [Inner]
    let text: Disclosable
  }

  private static let full: JSON = [
    "title": "Zürich", "count": 3, "isOpen": true, "day": "2018-09-04", "id": "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    "colour": "green", "parts": ["b", "a"], "inner": [["number": 1], ["number": -2, "label": "x"]], "text": "frei",
  ]

  // MARK: - Reading

  @Test func `every field is read`() throws {
    let sample = try Sample.record.read(Self.full)
    #expect(sample.title.text == "Zürich")
    #expect(sample.count == 3)
    #expect(sample.isOpen == true)
    #expect(sample.day == LocalDate("2018-09-04"))
    #expect(sample.id?.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    #expect(sample.colour == .green)
    #expect(sample.parts.map(\.text) == ["b", "a"])
    #expect(sample.inner.map(\.number) == [1, -2])
    #expect(sample.text == .text("frei"))
  }

  @Test func `optional fields may be absent or null, lists may be absent`() throws {
    for json: JSON in [
      ["title": "a", "count": 0], ["count": 0, "title": "a", "isOpen": nil, "day": nil, "colour": nil],
    ] {
      let sample = try Sample.record.read(json)
      #expect(sample.isOpen == nil)
      #expect(sample.day == nil)
      #expect(sample.colour == nil)
      #expect(sample.parts.isEmpty)
      #expect(sample.text == .withheld)
    }
  }

  @Test(
    arguments: [
      ("title", nil, "missing-field", "title"), ("count", nil, "missing-field", "count"),
      ("title", 1, "wrong-type", "title"), ("title", .null, "wrong-type", "title"),
      ("count", "3", "wrong-type", "count"),
      ("isOpen", 1, "wrong-type", "isOpen"), ("day", 20_180_904, "wrong-type", "day"),
      ("day", "2018-02-30", "invalid-value", "day"), ("id", true, "wrong-type", "id"),
      ("id", "x", "invalid-value", "id"),
      ("colour", "blue", "invalid-value", "colour"), ("colour", 1, "wrong-type", "colour"),
      ("parts", "a", "wrong-type", "parts"), ("parts", .null, "wrong-type", "parts"),
      ("parts", ["a", 2], "wrong-type", "parts[1]"), ("parts", ["a", "b", "C"], "invalid-value", "parts[2]"),
      ("inner", [["number": 1], 5], "wrong-type", "inner[1]"),
      ("inner", [["number": 1], ["number": 1, "lable": "x"]], "unknown-field", "inner[1].lable"),
      ("inner", [[:]], "missing-field", "inner[0].number"),
      ("inner", [["number": "x"]], "wrong-type", "inner[0].number"),
      ("inner", [["number": 1, "label": "a\nb"]], "control-character", "inner[0].label"),
      ("text", 7, "wrong-type", "text"), ("Title", "x", "unknown-field", "Title"), ("", "x", "unknown-field", ""),
      ("title", " ", "empty-text", "title"),
    ] as [(String, JSON?, String, String)])
  func `a bad field is refused and named by its path`(field: String, value: JSON?, code: String, path: String) {
    for prefix in ["", "commands[3]"] {
      let json = Self.full.replacing(field, value)
      let refusal = #expect(throws: Refusal.self) { try Sample.record.read(json, prefix: prefix) }
      #expect(refusal?.kind == .malformed)
      #expect(refusal?.code == code)
      #expect(refusal?.field == (prefix.isEmpty ? path : "\(prefix).\(path)"))
    }
  }

  @Test func `a list has at most 200 elements`() throws {
    let fits = JSON.array((0..<200).map { .string("p\($0)") })
    #expect(try Sample.record.read(Self.full.replacing("parts", fits)).parts.count == 200)
    let more = JSON.array((0..<201).map { .string("p\($0)") })
    let refusal = #expect(throws: Refusal.self) { try Sample.record.read(Self.full.replacing("parts", more)) }
    #expect(refusal?.code == "invalid-value")
    #expect(refusal?.field == "parts")
  }

  @Test func `anything but an object is refused`() {
    for json: JSON in [nil, true, 1, "x", []] {
      let refusal = #expect(throws: Refusal.self) { try Sample.record.read(json) }
      #expect(refusal?.code == "wrong-type")
      #expect(refusal?.field == nil)
      #expect(throws: Refusal.self) { try Sample.record.read(json, prefix: "commands[0]") }
    }
  }

  @Test func `fields of the caller are passed over when it names them`() throws {
    let json = Self.full.replacing("_sd", ["x"])
    #expect(throws: Refusal.self) { try Sample.record.read(json) }
    #expect(try Sample.record.read(json, except: ["_sd"]).count == 3)
  }

  @Test func `an unknown field is answered with the known ones`() {
    let refusal = #expect(throws: Refusal.self) { try Inner.record.read(["number": 1, "nummer": 2]) }
    #expect(refusal?.facts == [.init("fields", ["number", "label"])])
  }

  @Test func `the value of a disclosable field is taken from the disclosures`() throws {
    let json = Self.full.replacing("text", nil)
    #expect(try Sample.record.read(json, disclosed: ["text": "später"]).text == .text("später"))
    #expect(try Sample.record.read(json, disclosed: ["title": "falsch"]).title.text == "Zürich")
    #expect(throws: Refusal.self) { try Sample.record.read(json, disclosed: ["text": 1]) }
  }

  // MARK: - Writing

  @Test func `fields are written in canonical order, absent ones left out`() throws {
    #expect(
      try written(Self.full)
        == #"{"colour":"green","count":3,"day":"2018-09-04","id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","#
        + #""inner":[{"number":1},{"label":"x","number":-2}],"isOpen":true,"parts":["b","a"],"title":"Zürich"}"#)
    #expect(try written(["title": "a", "count": 0]) == #"{"count":0,"title":"a"}"#)
  }

  @Test func `without a place for disclosures a disclosable field is left out, never written in clear`() throws {
    #expect(try !written(Self.full).contains("frei"))
  }

  @Test func `what is written is what the canonical writer makes of it`() throws {
    for json: JSON in [Self.full, ["title": "\"😀\\", "count": -1]] {
      let bytes = Array(try written(json).utf8)
      #expect(try JSONParser.parse(bytes).canonicalBytes == bytes)
    }
  }

  @Test func `as event data a disclosable field is nothing but its digest`() throws {
    let sample = try Sample.record.read(Self.full)
    var writer = CanonicalJSONWriter()
    var sink = DisclosureSink(seed: 1)
    Sample.record.write(sample, to: &writer, disclosing: &sink)
    let data = try JSONParser.parse(writer.bytes)
    #expect(data.canonicalBytes == writer.bytes)
    #expect(data["text"] == nil)
    #expect(data["_sd"] == .array(sink.disclosures.map { .string($0.digest) }))
    let content = try #require(sink.disclosures.first?.content)
    #expect(content.name == "text")
    #expect(content.value == "frei")
    #expect(!String(decoding: writer.bytes, as: UTF8.self).contains("frei"))
    let back = try Sample.record.read(data, except: ["_sd"])
    #expect(back.text == .withheld)
    #expect(back.title == sample.title)
  }

  @Test func `a disclosable field without a value leaves no digest`() throws {
    let sample = try Sample.record.read(Self.full.replacing("text", nil))
    var writer = CanonicalJSONWriter()
    var sink = DisclosureSink(seed: 1)
    Sample.record.write(sample, to: &writer, disclosing: &sink)
    #expect(try JSONParser.parse(writer.bytes)["_sd"] == nil)
    #expect(sink.disclosures.isEmpty)
  }

  @Test func `the schema lists every field, which are required, and nothing else`() {
    let schema = Sample.record.schema
    #expect(schema["type"] == "object")
    #expect(schema["additionalProperties"] == false)
    #expect(schema["required"] == ["title", "count"])
    #expect(schema["properties"]?.members?.map(\.key) == Sample.record.fields.map(\.name))
    #expect(schema["properties"]?["title"]?["description"] == "title · Titel")
    #expect(schema["properties"]?["colour"]?["enum"] == ["red", "green", .null])
    #expect(schema["properties"]?["colour"]?["type"] == ["string", "null"])
    #expect(schema["properties"]?["inner"]?["items"]?["required"] == ["number"])
  }

  @Test func `a refusal inside a list of commands says in which`() {
    let refusal = Refusal(.rule, "x", field: "measure", de: "d", en: "e")
    #expect(refusal.within("commands[2]").field == "commands[2].measure")
    #expect(Refusal(.rule, "x", de: "d", en: "e").within("commands[2]").field == "commands[2]")
  }

  private func written(_ json: JSON) throws -> String {
    var writer = CanonicalJSONWriter()
    Sample.record.write(try Sample.record.read(json), to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension JSON {
  /// The same object with another value, or none, for one key.
  func replacing(_ key: String, _ value: JSON?) -> JSON {
    let rest = (members ?? []).filter { $0.key != key }
    return .object(value.map { rest + [Member(key, $0)] } ?? rest)
  }
}
