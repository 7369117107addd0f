import EventSourcing
import Testing

struct TextFormTests {
  @Test(arguments: [
    ("e\u{301}", "\u{E9}"), ("\u{212B}ngstro\u{308}m", "\u{C5}ngstr\u{F6}m"), ("\u{212A}", "K"),
    ("\u{FB33}", "\u{5D3}\u{5BC}"),
    ("a\u{323}\u{307}", "\u{1EA1}\u{307}"), ("a\u{307}\u{323}", "\u{1EA1}\u{307}"), ("\u{1F600}", "\u{1F600}"),
    ("Stra\u{DF}e", "Stra\u{DF}e"), ("\u{FB01}", "\u{FB01}"),
  ])
  func `text is brought into normal form C`(raw: String, expected: String) throws {
    #expect(try Array(normalize(raw).utf8) == Array(expected.utf8))
  }

  @Test(arguments: ["  a b  ", "\u{A0}a b\u{2003}", "\n\ta b\r\n", "\u{3000}a b\u{2028}", "\u{85}a b"])
  func `white space around a text is trimmed, inside it stays`(raw: String) throws {
    #expect(try normalize(raw) == "a b")
  }

  @Test(arguments: ["", " ", "\u{A0}\u{2003}\n"])
  func `an empty text is refused`(raw: String) {
    let refusal = #expect(throws: Refusal.self) { try normalize(raw) }
    expect(refusal, .malformed, "empty-text")
  }

  @Test(arguments: (Array(UInt32(0)..<0x20) + Array(0x7F...0x9F)).compactMap(Unicode.Scalar.init))
  func `a control character inside a line is refused`(scalar: Unicode.Scalar) {
    let refusal = #expect(throws: Refusal.self) { try normalize("a\(scalar)b") }
    expect(refusal, .malformed, "control-character")
  }

  @Test(
    arguments: [0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF, 0xFDD0, 0xFDEF].compactMap { (value: UInt32) in Unicode.Scalar(value)
    })
  func `a noncharacter is refused`(scalar: Unicode.Scalar) {
    let refusal = #expect(throws: Refusal.self) { try normalize("a\(scalar)b") }
    expect(refusal, .malformed, "control-character")
  }

  @Test func `line breaks are kept where they are allowed, in one form`() throws {
    #expect(try normalize("a\r\nb\n\nc\r\n", allowsLineBreaks: true) == "a\nb\n\nc")
    for lone in ["a\rb", "a\tb", "a\u{85}b"] {
      let refusal = #expect(throws: Refusal.self) { try normalize(lone, allowsLineBreaks: true) }
      expect(refusal, .malformed, "control-character")
    }
  }

  @Test func `length is counted in characters after normalising and trimming`() throws {
    #expect(
      try normalize("  " + String(repeating: "e\u{301}", count: 20) + " ") == String(repeating: "\u{E9}", count: 20))
    #expect(try normalize(String(repeating: "😀", count: 20)).unicodeScalars.count == 20)
    let refusal = #expect(throws: Refusal.self) { try normalize(String(repeating: "x", count: 21)) }
    expect(refusal, .malformed, "text-too-long")
    #expect(refusal?.facts == [.init("length", 21), .init("lengthMax", 20)])
  }

  @Test func `normalising a second time changes nothing`() throws {
    var random = SplitMix64(state: 11)
    for _ in 0..<500 {
      guard let once = try? normalize(RandomJSON.string(using: &random), allowsLineBreaks: true) else { continue }
      let twice = try normalize(once, allowsLineBreaks: true)
      #expect(Array(twice.utf8) == Array(once.utf8))
    }
  }

  @Test(arguments: ["a", "a-b", "2018-2021", "x1-y2-z3", String(repeating: "a", count: 80)])
  func `a slug is made of small letters, digits and single hyphens`(text: String) throws {
    #expect(try Slug(text, field: "slug").text == text)
  }

  @Test(arguments: ["A", "a--b", "-a", "a-", "a_b", "ä", "a b", "a.b", "-"])
  func `any other slug is refused`(text: String) {
    let refusal = #expect(throws: Refusal.self) { try Slug(text, field: "slug") }
    #expect(refusal?.code == "invalid-value")
    #expect(refusal?.field == "slug")
  }

  @Test func `labels are one line of 300 characters, free texts up to 4000 with line breaks`() throws {
    _ = try Label(String(repeating: "x", count: 300), field: "title")
    _ = try FreeText(String(repeating: "x\n", count: 1999) + "x", field: "text")
    #expect(throws: Refusal.self) { try Label(String(repeating: "x", count: 301), field: "title") }
    #expect(throws: Refusal.self) { try Label("a\nb", field: "title") }
    #expect(throws: Refusal.self) { try FreeText(String(repeating: "x", count: 4001), field: "text") }
  }

  private func normalize(_ raw: String, allowsLineBreaks: Bool = false) throws(Refusal) -> String {
    try TextForm.normalize(raw, lengthMax: 20, allowsLineBreaks: allowsLineBreaks, field: "title")
  }

  private func expect(
    _ refusal: Refusal?, _ kind: Refusal.Kind, _ code: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(refusal?.kind == kind, sourceLocation: sourceLocation)
    #expect(refusal?.code == code, sourceLocation: sourceLocation)
    #expect(refusal?.field == "title", sourceLocation: sourceLocation)
  }
}
