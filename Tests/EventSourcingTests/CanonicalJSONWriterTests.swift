import EventSourcing
import Testing

struct CanonicalJSONWriterTests {
  @Test func `the string sample of RFC 8785 §3·2·2 is written as the RFC writes it`() throws {
    let source = #"{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#
    let canonical = #"{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
    #expect(text(try JSONParser.parse(Array(source.utf8)).canonicalBytes) == canonical)
  }

  @Test func `the key order sample of RFC 8785 §3·2·3 comes out in its order`() throws {
    let source = #"""
      {"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
       "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}
      """#
    let order = [
      "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]
    let canonical = try JSONParser.parse(Array(source.utf8)).canonicalBytes
    #expect(try JSONParser.parse(canonical).members?.compactMap(\.value.string) == order)
  }

  @Test func `keys sort by UTF-16 units, where supplementary planes come before U+E000`() {
    let value: JSON = ["\u{FFFF}": 1, "\u{E000}": 2, "\u{10000}": 3, "\u{D7FF}": 4, "\u{10FFFF}": 5]
    #expect(
      text(value.canonicalBytes)
        == "{\"\u{D7FF}\":4,\"\u{10000}\":3,\"\u{10FFFF}\":5,\"\u{E000}\":2,\"\u{FFFF}\":1}")
  }

  @Test func `a key sorts before the keys that it begins, and capitals before small letters`() {
    let value: JSON = ["ab": 1, "a": 2, "": 3, "B": 4, "_sd": 5, "b": 6]
    #expect(text(value.canonicalBytes) == #"{"":3,"B":4,"_sd":5,"a":2,"ab":1,"b":6}"#)
  }

  @Test func `text is not normalised`() {
    let value: JSON = ["\u{FB33}": "e\u{301}", "\u{E9}": "\u{212B}"]
    #expect(value.canonicalBytes == Array("{\"\u{E9}\":\"\u{212B}\",\"\u{FB33}\":\"e\u{301}\"}".utf8))
  }

  @Test func `only quotes, backslashes and the 32 controls are escaped`() {
    let controls = (UInt8(0)..<0x20).map { Character(Unicode.Scalar($0)) }
    let expected =
      #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014"#
      + #"\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f""#
    #expect(text(JSON.string(controls.map(String.init).joined()).canonicalBytes) == expected)
    #expect(text(JSON.string("\"\\/").canonicalBytes) == #""\"\\/""#)
    let plain = "\u{7F}\u{80}\u{9F}\u{2028}\u{2029}<>&'\u{FEFF}"
    #expect(JSON.string(plain).canonicalBytes == Array("\"\(plain)\"".utf8))
  }

  @Test(arguments: [
    (0, "0"), (9, "9"), (10, "10"), (-1, "-1"), (-10, "-10"), (JSON.integerMax, "9007199254740991"),
    (-JSON.integerMax, "-9007199254740991"),
  ])
  func `integers are written in decimal`(value: Int64, expected: String) {
    #expect(text(JSON.integer(value).canonicalBytes) == expected)
  }

  @Test(arguments: [
    (0, "0"), (-0.0, "0"), (0.000_001, "0.000001"), (0.000_000_4, "0"), (-0.000_000_6, "-0.000001"),
    (1.0 / 3, "0.333333"),
    (0.999_999_9, "1"), (0.5, "0.5"), (-12.25, "-12.25"), (0.1 + 0.2, "0.3"), (999_999_999.999_999, "999999999.999999"),
  ])
  func `numbers of views are written with at most six places and no trailing zero`(value: Double, expected: String) {
    #expect(text(JSON.decimal(Millionths(rounding: value)).canonicalBytes) == expected)
  }

  @Test func `a number of a view has the shortest digits that read back as its double`() throws {
    var random = SplitMix64(state: 7)
    for _ in 0..<2_000 {
      let magnitude = [1, 1e3, 9e8][Int.random(in: 0..<3, using: &random)]
      let written = Millionths(rounding: Double.random(in: -magnitude...magnitude, using: &random)).description
      let read = try #require(Double(written))
      // Swift prints those digits too; below this size it would use an exponent, and whole numbers get a zero.
      guard read.magnitude >= 0.0001 else { continue }
      #expect("\(read)" == written || "\(read)" == "\(written).0")
    }
  }

  @Test func `empty and nested containers have their commas in the right places`() {
    let value: JSON = ["a": [], "b": [:], "c": [[], [1, [2]], [:]], "d": ["x": nil, "y": false]]
    #expect(text(value.canonicalBytes) == #"{"a":[],"b":{},"c":[[],[1,[2]],{}],"d":{"x":null,"y":false}}"#)
  }

  @Test func `members written one by one are the same bytes as the value written whole`() {
    var writer = CanonicalJSONWriter()
    writer.beginObject()
    writer.key("a")
    writer.beginArray()
    writer.integer(1)
    writer.bool(true)
    writer.null()
    writer.endArray()
    writer.key("b" as String)
    writer.string("ü")
    writer.key("c")
    writer.canonical(Array(#"{"x":1}"#.utf8))
    writer.key("d")
    writer.write(["z": 1, "y": []])
    writer.endObject()
    let value: JSON = ["a": [1, true, nil], "b": "ü", "c": ["x": 1], "d": ["y": [], "z": 1]]
    #expect(text(writer.bytes) == text(value.canonicalBytes))
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
