/// A UUID (RFC 9562) in its 128 bits; prints and parses the lower-case 8-4-4-4-12 form.
public struct EntityID: Hashable, Comparable, Sendable, FixedPlainText {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A version 7 UUID: 48 bits of milliseconds since 1970, the rest random.
  public init(millisecondsSinceEpoch: Int64, randomHigh: UInt64, randomLow: UInt64) {
    let time = UInt64(bitPattern: millisecondsSinceEpoch) << 16
    high = time | 0x7000 | (randomHigh & 0x0FFF)
    low = 0x8000_0000_0000_0000 | (randomLow & 0x3FFF_FFFF_FFFF_FFFF)
  }

  /// A version 8 or 5 UUID from sixteen bytes of a digest, with the version and variant bits set.
  public init(digest: some Collection<UInt8>, version: UInt64) {
    var high: UInt64 = 0
    var low: UInt64 = 0
    for byte in digest.prefix(8) { high = high << 8 | UInt64(byte) }
    for byte in digest.dropFirst(8).prefix(8) { low = low << 8 | UInt64(byte) }
    self.high = (high & ~0xF000) | (version << 12)
    self.low = (low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
  }

  /// The first sixteen bytes, in network order, of a buffer that has as many.
  public init(bytes: UnsafeRawBufferPointer) {
    high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
  }

  /// Parses the 36-character form, in either case.
  public init?(_ text: some StringProtocol) {
    var text = String(text)
    guard let id = text.withUTF8({ EntityID(utf8: $0) }) else { return nil }
    self = id
  }

  init?(utf8 text: UnsafeBufferPointer<UInt8>) {
    guard text.count == 36 else { return nil }
    let hyphen = UInt8(ascii: "-")
    guard text[8] == hyphen, text[13] == hyphen, text[18] == hyphen, text[23] == hyphen else { return nil }
    // What is no digit sets a bit above the four, which stays to be seen at the end.
    var foreign: UInt8 = 0
    func half(_ ranges: Range<Int>...) -> UInt64 {
      var half: UInt64 = 0
      for range in ranges {
        for byte in text[range] {
          let digit = Hexadecimal.digit(byte)
          foreign |= digit
          half = half << 4 | UInt64(digit & 0xF)
        }
      }
      return half
    }
    high = half(0..<8, 9..<13, 14..<18)
    low = half(19..<23, 24..<36)
    guard foreign < 16 else { return nil }
  }

  /// The sixteen bytes in network order.
  public var bytes: [UInt8] {
    (0..<16).map { index in
      let half = index < 8 ? high : low
      return UInt8(truncatingIfNeeded: half >> UInt64(8 * (7 - index % 8)))
    }
  }

  static let textLength = 36

  func write(into buffer: UnsafeMutableBufferPointer<UInt8>) {
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
  }

  public static func < (left: EntityID, right: EntityID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// An `EntityID` that says which kind of thing it names, so that a measure is never taken for an institution.
public struct Identifier<Entity>: Hashable, Comparable, Sendable, PlainText {
  public let value: EntityID

  public init(_ value: EntityID) { self.value = value }

  public var description: String { value.description }

  public func append(to bytes: inout [UInt8]) { value.append(to: &bytes) }

  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// Makes fresh version 7 identifiers; deterministic for a given seed, so that deciding stays pure.
public struct IdentifierSource: Sendable {
  private var generator: SplitMix64
  private let millisecondsSinceEpoch: Int64

  public init(seed: UInt64, at time: Timestamp) {
    generator = SplitMix64(state: seed)
    millisecondsSinceEpoch = time.microsecondsSinceEpoch / 1000
  }

  public mutating func next() -> EntityID {
    EntityID(
      millisecondsSinceEpoch: millisecondsSinceEpoch, randomHigh: generator.next(), randomLow: generator.next())
  }
}

/// The SplitMix64 generator (Steele, Lea, Flood 2014): small, seedable, good enough for identifiers, not for secrets.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(state: UInt64) { self.state = state }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
