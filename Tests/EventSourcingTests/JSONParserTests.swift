import EventSourcing
import Testing

struct JSONParserTests {
  // MARK: - What is accepted

  @Test func `every kind of value is read`() throws {
    let text = #" {"a":null , "b":[true,false], "c":-12, "d":"x", "e":{}, "f":[] } "#
    let expected: JSON = ["a": nil, "b": [true, false], "c": -12, "d": "x", "e": [:], "f": []]
    #expect(try parse(text) == expected)
  }

  @Test func `objects keep the order of their source`() throws {
    #expect(try parse(#"{"b":1,"a":2}"#).members?.map(\.key) == ["b", "a"])
  }

  @Test func `all four kinds of white space may stand between tokens, and no other`() throws {
    #expect(try parse(" \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n") == [1, 2])
    refuse("[\u{A0}1]", .unexpectedCharacter, at: 1)
    refuse("[\u{B}1]", .unexpectedCharacter, at: 1)
    refuse("\u{FEFF}1", .unexpectedCharacter, at: 0)
  }

  @Test(arguments: [
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e4\u00C4""#, "äÄ"), (#""\ud83d\ude00""#, "😀"),
    (#""\uD83D\uDE00x""#, "😀x"), (#""\u0000\u001f""#, "\u{0}\u{1F}"), (#""\uffff\ufffe""#, "\u{FFFF}\u{FFFE}"),
    (#""\udbff\udfff""#, "\u{10FFFF}"), (#""a\u0301""#, "a\u{301}"), ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
    (#""""#, ""),
  ])
  func `escapes are read`(text: String, expected: String) throws {
    #expect(Array(try #require(try parse(text).string).utf8) == Array(expected.utf8))
  }

  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("9007199254740991", 9_007_199_254_740_991),
      ("-9007199254740991", -9_007_199_254_740_991),
    ] as [(String, Int64)])
  func `integers up to 2^53−1 are read`(text: String, expected: Int64) throws {
    #expect(try parse(text) == .integer(expected))
  }

  @Test func `keys that are canonically equivalent but differ in bytes are different keys`() throws {
    let value = try parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
    #expect(value.members?.count == 2)
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
    // The Kelvin sign is canonically equivalent to the letter K.
    #expect(try parse("{\"K\":1,\"\u{212A}\":2}")["\u{212A}"] == 2)
  }

  // MARK: - What is refused, and where

  @Test(arguments: [
    ("", 0), (" \n", 2), ("\u{20}\u{20}\u{20}", 3),
  ])
  func `nothing is refused as empty`(text: String, offset: Int) { refuse(text, .empty, at: offset) }

  @Test(arguments: [
    "{", "[", "\"", "-", "t", "tru", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"a\\", "\"\\u12",
  ])
  func `a text that breaks off is refused at its end`(text: String) {
    refuse(text, .unexpectedEnd, at: text.utf8.count)
  }

  @Test(arguments: [
    ("x", 0), ("'a'", 0), ("[1 2]", 3), ("[,]", 1), ("[1,]", 3), ("{,}", 1), ("{\"a\":1,}", 7), ("{1:2}", 1),
    ("{\"a\" 1}", 5), ("{\"a\":}", 5), ("{\"a\":1]", 6), ("[1}", 2), ("True", 0), ("trUe", 2), ("nulL", 3), ("+1", 0),
    (".5", 0), ("-x", 1), ("01", 0), ("-012", 1), ("NaN", 0), ("Infinity", 0), ("// c", 0), ("{a:1}", 1), ("]", 0),
  ])
  func `a character that cannot stand there is refused at its place`(text: String, offset: Int) {
    refuse(text, .unexpectedCharacter, at: offset)
  }

  @Test(arguments: [("1 2", 2), ("{}{}", 2), ("null,", 4), ("[]\u{0}", 2), ("\"a\"b", 3), ("1x", 1)])
  func `bytes after the value are refused at the first of them`(text: String, offset: Int) {
    refuse(text, .trailingCharacters, at: offset)
  }

  @Test(arguments: [("1.0", 0), ("[1.5]", 1), ("1e3", 0), ("-1E3", 0), ("[0.1]", 1), ("0e0", 0)])
  func `a number with a fraction or an exponent is refused where it begins`(text: String, offset: Int) {
    refuse(text, .notAnInteger, at: offset)
  }

  @Test(arguments: [
    ("9007199254740992", 0), ("[-9007199254740992]", 1), ("9223372036854775808", 0),
    ("[123456789012345678901234567890]", 1), ("-18446744073709551617", 0),
  ])
  func `an integer beyond 2^53−1 is refused where it begins`(text: String, offset: Int) {
    refuse(text, .integerOutOfRange, at: offset)
  }

  @Test(arguments: [
    (#"{"a":1,"a":2}"#, 7, "a"), (#"{"a":1,"b":2, "a" :3}"#, 14, "a"), (#"{"a":1,"\u0061":2}"#, 7, "a"),
    (#"[{"x":{"":1,"":1}}]"#, 12, ""), ("{\"e\u{301}\":1,\"e\\u0301\":2}", 9, "e\u{301}"),
  ])
  func `a key that stands twice is refused and named`(text: String, offset: Int, key: String) throws {
    let error = try #require(failure(of: text))
    #expect(error.reason == .duplicateKey)
    #expect(error.offset == offset)
    #expect(try Array(#require(error.key).utf8) == Array(key.utf8))
  }

  @Test func `a duplicate key is found among many`() throws {
    let keys = (0..<200).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
    #expect(try parse("{\(keys)}").members?.count == 200)
    let error = try #require(failure(of: "{\(keys),\"key7\":0}"))
    #expect(error.reason == .duplicateKey)
    #expect(error.key == "key7")
    #expect(error.offset == keys.utf8.count + 2)
  }

  @Test func `nesting is read down to the limit and refused beyond it`() throws {
    let depthMax = JSONParser.depthMax
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let inside = String(repeating: open, count: depthMax - 1) + "1" + String(repeating: close, count: depthMax - 1)
      _ = try parse(inside)
      let beyond = String(repeating: open, count: depthMax) + "1" + String(repeating: close, count: depthMax)
      refuse(beyond, .tooDeep, at: open.utf8.count * depthMax)
    }
    // Far beyond the limit the parser stops as early as just beyond it, and never exhausts the stack.
    refuse(String(repeating: "[", count: 1_000_000), .tooDeep, at: depthMax)
  }

  @Test(arguments: [
    (#""\x""#, 2), (#""ab\ ""#, 4), (#""\u12G4""#, 5), (#""\u+123""#, 3), (#""\U0041""#, 2), (#""\'""#, 2),
  ])
  func `an unknown escape is refused at its letter`(text: String, offset: Int) {
    refuse(text, .invalidEscape, at: offset)
  }

  @Test(arguments: [
    (#""\ud800""#, 7), (#""\udc00""#, 7), (#""\ud800x""#, 7), (#""\ud800\n""#, 8), (#""\ud800\ud800""#, 13),
    (#""\ud800\u0041""#, 13), (#""\udfff\ud800""#, 7),
  ])
  func `a surrogate without its partner is refused after it`(text: String, offset: Int) {
    refuse(text, .invalidEscape, at: offset)
  }

  @Test(arguments: Array(UInt8(0)..<0x20))
  func `a control character inside a string is refused at its place`(byte: UInt8) {
    refuse([0x22, 0x61, byte, 0x22], .controlCharacter, at: 2)
    refuse([0x22, 0x5C, 0x6E, byte, 0x22], .controlCharacter, at: 3)
  }

  /// One sequence for each way in which bytes can fail to be UTF-8 (RFC 3629).
  static let invalidSequences: [[UInt8]] = [
    [0x80],  // a continuation byte alone
    [0xBF, 0xBF],
    [0xC3],  // a lead byte without its continuation
    [0xC3, 0x28], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xF0, 0x9F, 0x98], [0xF0, 0x28, 0x8C, 0xBC],
    [0xC0, 0xAF],  // overlong forms
    [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0xAF], [0xF0, 0x8F, 0xBF, 0xBF],
    [0xED, 0xA0, 0x80],  // surrogates
    [0xED, 0xBF, 0xBF], [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
    [0xF4, 0x90, 0x80, 0x80],  // beyond U+10FFFF
    [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xF8, 0x88, 0x80, 0x80, 0x80],
  ]

  @Test(arguments: invalidSequences)
  func `bytes that are not UTF-8 are refused where their string begins`(bytes: [UInt8]) {
    refuse([0x5B, 0x22, 0x61] + bytes + [0x22, 0x5D], .invalidUTF8, at: 2)
    refuse([0x22, 0x5C, 0x6E] + bytes + [0x22], .invalidUTF8, at: 1)
    refuse([0x7B, 0x22] + bytes + [0x22, 0x3A, 0x31, 0x7D], .invalidUTF8, at: 2)
    // Outside a string they are not even looked at as text.
    refuse(bytes, .unexpectedCharacter, at: 0)
  }

  // MARK: - Properties

  @Test func `random values written in any spelling are read back the same`() throws {
    var random = SplitMix64(state: 20_180_904)
    for _ in 0..<400 {
      let value = RandomJSON.value(depth: 4, using: &random)
      let canonical = value.canonicalBytes
      let back = try JSONParser.parse(canonical)
      #expect(back.canonicalBytes == canonical)
      #expect(back == RandomJSON.sorted(value))
      let spelled = RandomJSON.spelled(value, using: &random)
      #expect(try JSONParser.parse(Array(spelled.utf8)).canonicalBytes == canonical)
    }
  }

  @Test func `random damage is read or refused inside the text, never a crash`() {
    var random = SplitMix64(state: 7)
    for _ in 0..<600 {
      var bytes = RandomJSON.value(depth: 3, using: &random).canonicalBytes
      for _ in 0..<3 {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = .random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        default: bytes.insert(.random(in: 0...255, using: &random), at: index)
        }
        if bytes.isEmpty { bytes = [0x30] }
      }
      do throws(JSONParserError) {
        let canonical = try JSONParser.parse(bytes).canonicalBytes
        #expect((try? JSONParser.parse(canonical))?.canonicalBytes == canonical)
      } catch {
        #expect((0...bytes.count).contains(error.offset))
      }
    }
  }

  private func parse(_ text: String) throws(JSONParserError) -> JSON { try JSONParser.parse(Array(text.utf8)) }

  private func failure(of text: String) -> JSONParserError? {
    #expect(throws: JSONParserError.self) { try parse(text) }
  }

  private func refuse(
    _ text: String, _ reason: JSONParserError.Reason, at offset: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    refuse(Array(text.utf8), reason, at: offset, sourceLocation: sourceLocation)
  }

  private func refuse(
    _ bytes: [UInt8], _ reason: JSONParserError.Reason, at offset: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: JSONParserError.self, sourceLocation: sourceLocation) { try JSONParser.parse(bytes) }
    #expect(error?.reason == reason, sourceLocation: sourceLocation)
    #expect(error?.offset == offset, sourceLocation: sourceLocation)
  }
}

/// Random JSON values, and a second way to spell them that shares nothing with our writer.
enum RandomJSON {
  static func value(depth: Int, using random: inout SplitMix64) -> JSON {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
    case 0: return .null
    case 1: return .bool(.random(using: &random))
    case 2: return .integer(.random(in: -JSON.integerMax...JSON.integerMax, using: &random))
    case 3: return .integer(.random(in: -10...10, using: &random))
    case 4: return .string(string(using: &random))
    case 5:
      return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth - 1, using: &random) })
    default:
      var keys: Set<[UInt8]> = []
      var members: [JSON.Member] = []
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        let key = string(using: &random)
        guard keys.insert(Array(key.utf8)).inserted else { continue }
        members.append(JSON.Member(key, value(depth: depth - 1, using: &random)))
      }
      return .object(members)
    }
  }

  static func string(using random: inout SplitMix64) -> String {
    let ranges: [ClosedRange<UInt32>] = [
      0x20...0x7E, 0x20...0x7E, 0...0x1F, 0x7F...0x7FF, 0x300...0x36F, 0x800...0xD7FF, 0xE000...0xFFFF,
      0x10000...0x10FFFF,
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...8, using: &random) {
      let range = ranges[Int.random(in: 0..<ranges.count, using: &random)]
      if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) { text.append(scalar) }
    }
    return String(text)
  }

  static func sorted(_ value: JSON) -> JSON {
    switch value {
    case .array(let elements): .array(elements.map(sorted))
    case .object(let members):
      .object(
        members.sorted { Array($0.key.utf16).lexicographicallyPrecedes(Array($1.key.utf16)) }
          .map { JSON.Member($0.key, sorted($0.value)) })
    default: value
    }
  }

  static func spelled(_ value: JSON, using random: inout SplitMix64) -> String {
    let space = [" ", "\n", "", "\t \r"][Int.random(in: 0..<4, using: &random)]
    switch value {
    case .null: return space + "null"
    case .bool(let value): return "\(value)" + space
    case .integer(let value): return space + "\(value)" + space
    case .decimal(let value): return space + "\(value)" + space
    case .string(let value): return space + spelled(value, using: &random)
    case .array(let elements):
      return "[\(space)" + elements.map { spelled($0, using: &random) }.joined(separator: ",") + "\(space)]"
    case .object(let members):
      let parts = members.shuffled(using: &random).map {
        "\(space)\(spelled($0.key, using: &random))\(space):\(spelled($0.value, using: &random))"
      }
      return "{" + parts.joined(separator: ",") + "\(space)}"
    }
  }

  private static func spelled(_ text: String, using random: inout SplitMix64) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
      if mustEscape || Bool.random(using: &random) {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
