import EventSourcing
import Testing

struct Base64URLTests {
  @Test(arguments: [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
    ("foobar", "Zm9vYmFy"),
  ])
  func `the vectors of RFC 4648 hold without padding`(plain: String, encoded: String) {
    #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
    #expect(Base64URL.decode(encoded) == Array(plain.utf8))
  }

  @Test func `the two special digits are hyphen and underscore`() {
    #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
    #expect(Base64URL.decode("--__") == [0xFB, 0xEF, 0xFF])
  }

  @Test(arguments: ["A", "AAAAA", "Zg==", "Zm8=", "+/8", "Z g", "Zh", "Zm9", "Zmé", "\n"])
  func `padding, other digits and loose bits are refused`(text: String) { #expect(Base64URL.decode(text) == nil) }

  @Test func `random bytes come back`() {
    var random = SplitMix64(state: 9)
    for count in 0..<100 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
  }
}

struct DisclosureTests {
  @Test func `the check value of SD-JWT is reproduced`() throws {
    let disclosure = Disclosure(encoded: "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0")
    #expect(disclosure.digest == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0")
    let content = try #require(disclosure.content)
    #expect(content.name == "family_name")
    #expect(content.value == "Möbius")
  }

  @Test func `a disclosure holds salt, name and value as one JSON array`() throws {
    let disclosure = Disclosure(salt: [0, 1, 2], name: "text", value: "Grüße")
    let bytes = try #require(Base64URL.decode(disclosure.encoded))
    #expect(String(decoding: bytes, as: UTF8.self) == #"["AAEC","text","Grüße"]"#)
    let content = try #require(disclosure.content)
    #expect(content.name == "text")
    #expect(content.value == "Grüße")
  }

  @Test(arguments: ["", "x", "e30", "W10", "WyJhIiwiYiJd", "WyJhIiwxLCJiIl0", "WyJhIiwiYiIsImMiLCJkIl0"])
  func `what is not such an array has no content`(encoded: String) {
    #expect(Disclosure(encoded: encoded).content?.name == nil)
  }

  @Test func `equal values get different salts, also from a seed`() {
    for var sink in [DisclosureSink(), DisclosureSink(seed: 1)] {
      let salts = (0..<50).map { _ in sink.salt(byteCount: Disclosure.saltByteCount) }
      #expect(Set(salts).count == 50)
      #expect(salts.allSatisfy { $0.count == 32 })
      #expect(sink.disclosures.isEmpty)
    }
    var one = DisclosureSink(seed: 3)
    var same = DisclosureSink(seed: 3)
    #expect(one.salt(byteCount: 5) == same.salt(byteCount: 5))
  }

  @Test func `an erased or missing text reads as withheld and is left out of what is written`() throws {
    #expect(try Disclosable.absent(field: "text") == .withheld)
    #expect(!Disclosable.withheld.isPresent)
    #expect(!Disclosable.none.isPresent)
    #expect(Disclosable.text("x").isPresent)
    #expect(Disclosable(FreeText(normalized: "x")) == .text("x"))
    #expect(Disclosable(nil) == .none)
  }
}
