import EventSourcing
import Testing

struct EntityIDTests {
  @Test func `a version 7 identifier carries its milliseconds, version and variant`() throws {
    // The example of RFC 9562, appendix A.6.
    let id = EntityID(millisecondsSinceEpoch: 0x017F_22E2_79B0, randomHigh: 0xCC3, randomLow: 0x18C4_DC0C_0C07_398F)
    #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    let full = EntityID(millisecondsSinceEpoch: 0, randomHigh: .max, randomLow: .max)
    #expect(full.description == "00000000-0000-7fff-bfff-ffffffffffff")
    let bare = EntityID(millisecondsSinceEpoch: 0, randomHigh: 0, randomLow: 0)
    #expect(bare.description == "00000000-0000-7000-8000-000000000000")
  }

  @Test func `an identifier from a digest keeps its bits besides version and variant`() {
    // The version 5 example of RFC 9562, appendix A.4: SHA-1 of the DNS namespace and "www.example.com".
    let digest: [UInt8] = [
      0x2E, 0xD6, 0x65, 0x7D, 0xE9, 0x27, 0x46, 0x8B, 0x55, 0xE1, 0x26, 0x65, 0xA8, 0xAE, 0xA6, 0xA2, 0x2D, 0xEE, 0x3E,
      0x35,
    ]
    #expect(EntityID(digest: digest, version: 5).description == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    #expect(
      EntityID(digest: [UInt8](repeating: 0xFF, count: 20), version: 5).description
        == "ffffffff-ffff-5fff-bfff-ffffffffffff")
    #expect(
      EntityID(digest: [UInt8](repeating: 0, count: 32), version: 8).description
        == "00000000-0000-8000-8000-000000000000")
  }

  @Test func `both cases parse, one is printed`() throws {
    let id = try #require(EntityID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"))
    #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    #expect(id == EntityID("017f22e2-79b0-7cc3-98C4-dc0c0c07398f"))
    #expect(
      id.bytes == [0x01, 0x7F, 0x22, 0xE2, 0x79, 0xB0, 0x7C, 0xC3, 0x98, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F])
  }

  @Test(arguments: [
    "", "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
    "017f22e2_79b0_7cc3_98c4_dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c0739８",
    "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0",
  ])
  func `any other form is refused`(text: String) { #expect(EntityID(text) == nil) }

  @Test func `random identifiers print and parse back, and sort as they print`() {
    var random = SplitMix64(state: 4)
    let ids = (0..<500).map { _ in EntityID(high: random.next(), low: random.next()) }
    for id in ids { #expect(EntityID(id.description) == id) }
    #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
  }

  @Test func `a source of identifiers repeats itself for a seed and never within one`() {
    let time = Timestamp(microsecondsSinceEpoch: 1_536_064_496_789_012)
    var one = IdentifierSource(seed: 5, at: time)
    var same = IdentifierSource(seed: 5, at: time)
    var other = IdentifierSource(seed: 6, at: time)
    let ids = (0..<100).map { _ in one.next() }
    #expect(ids == (0..<100).map { _ in same.next() })
    #expect(Set(ids).count == 100)
    #expect(other.next() != ids[0])
    for id in ids {
      #expect(id.high >> 16 == 1_536_064_496_789)
      #expect(id.high >> 12 & 0xF == 7)
      #expect(id.low >> 62 == 0b10)
    }
  }

  @Test func `SplitMix64 gives the published sequence`() {
    // The reference implementation seeded with 1234567.
    var random = SplitMix64(state: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect(random.next() == 9_817_491_932_198_370_423)
  }
}

struct PositionTests {
  @Test(
    arguments: [(0, "0000000000000000"), (42, "0000000000000042"), (9_999_999_999_999_999, "9999999999999999")]
      as [(Int64, String)])
  func `a position is printed with sixteen digits`(value: Int64, expected: String) {
    #expect(Position(value).padded.description == expected)
  }

  @Test func `sizes and positions meet at the end of the log`() {
    #expect(LogSize.zero.lastPosition == nil)
    #expect(LogSize.zero.nextPosition == Position(0))
    #expect(LogSize(3).lastPosition == Position(2))
    #expect(LogSize(3).nextPosition == Position(3))
    #expect(Position(2).sizeIncluding == LogSize(3))
    #expect(Position(2) < Position(3))
    #expect(LogSize(2) < LogSize(3))
  }
}
