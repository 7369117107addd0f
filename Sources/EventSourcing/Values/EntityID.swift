/// A UUID (RFC 9562) in its 128 bits; prints and parses the lower-case 8-4-4-4-12 form.
package struct EntityID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A version 7 UUID: 48 bits of milliseconds since 1970, the rest random.
  package init(millisecondsSinceEpoch: Int64, randomHigh: UInt64, randomLow: UInt64) {
    let time = UInt64(bitPattern: millisecondsSinceEpoch) << 16
    high = time | 0x7000 | (randomHigh & 0x0FFF)
    low = 0x8000_0000_0000_0000 | (randomLow & 0x3FFF_FFFF_FFFF_FFFF)
  }

  /// A version 8 or 5 UUID from sixteen bytes of a digest, with the version and variant bits set.
  package init(digest: some Collection<UInt8>, version: UInt64) {
    var high: UInt64 = 0
    var low: UInt64 = 0
    for byte in digest.prefix(8) { high = high << 8 | UInt64(byte) }
    for byte in digest.dropFirst(8).prefix(8) { low = low << 8 | UInt64(byte) }
    self.high = (high & ~0xF000) | (version << 12)
    self.low = (low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
  }

  /// Parses the 36-character form, in either case.
  package init?(_ text: some StringProtocol) {
    guard text.utf8.count == 36 else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    var digits = 0
    for (index, byte) in text.utf8.enumerated() {
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let digit = Hexadecimal.value(of: byte) else { return nil }
      if digits < 16 { halves.0 = halves.0 << 4 | UInt64(digit) } else { halves.1 = halves.1 << 4 | UInt64(digit) }
      digits += 1
    }
    high = halves.0
    low = halves.1
  }

  /// The sixteen bytes in network order.
  package var bytes: [UInt8] {
    (0..<16).map { index in
      let half = index < 8 ? high : low
      return UInt8(truncatingIfNeeded: half >> UInt64(8 * (7 - index % 8)))
    }
  }

  package var description: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var at = 0
      func put(_ half: UInt64, from first: Int, through last: Int) {
        for nibble in first...last {
          let value = UInt8(truncatingIfNeeded: half >> UInt64(4 * (15 - nibble))) & 0xF
          buffer[at] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
          at += 1
        }
      }
      func hyphen() {
        buffer[at] = UInt8(ascii: "-")
        at += 1
      }
      put(high, from: 0, through: 7)
      hyphen()
      put(high, from: 8, through: 11)
      hyphen()
      put(high, from: 12, through: 15)
      hyphen()
      put(low, from: 0, through: 3)
      hyphen()
      put(low, from: 4, through: 15)
      return 36
    }
  }

  package static func < (left: EntityID, right: EntityID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// An `EntityID` that says which kind of thing it names, so that a measure is never taken for an institution.
package struct Identifier<Entity>: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let value: EntityID

  package init(_ value: EntityID) { self.value = value }

  package var description: String { value.description }

  package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// Makes fresh version 7 identifiers; deterministic for a given seed, so that deciding stays pure.
package struct IdentifierSource: Sendable {
  private var generator: SplitMix64
  private let millisecondsSinceEpoch: Int64

  package init(seed: UInt64, at time: Timestamp) {
    generator = SplitMix64(state: seed)
    millisecondsSinceEpoch = time.microsecondsSinceEpoch / 1000
  }

  package mutating func next() -> EntityID {
    EntityID(
      millisecondsSinceEpoch: millisecondsSinceEpoch, randomHigh: generator.next(), randomLow: generator.next())
  }
}

/// The SplitMix64 generator (Steele, Lea, Flood 2014): small, seedable, good enough for identifiers, not for secrets.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
