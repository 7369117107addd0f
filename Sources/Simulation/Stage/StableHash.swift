/// FNV-1a in 64 bits (Fowler, Noll, Vo): the same in every process, unlike `Hasher`.
struct StableHash {
  private(set) var value: UInt64

  init(seed: UInt64) {
    value = 0xCBF2_9CE4_8422_2325
    for shift in stride(from: 0, to: 64, by: 8) { combine(UInt8(truncatingIfNeeded: seed >> UInt64(shift))) }
  }

  private mutating func combine(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

  mutating func combine(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { combine(byte) }
  }

  static func of(_ text: String, seed: UInt64) -> UInt64 {
    var hash = StableHash(seed: seed)
    hash.combine(text.utf8)
    // FNV leaves the low bits of short texts close together; one mixing step spreads them.
    let mixed = (hash.value ^ (hash.value >> 32)) &* 0xD6E8_FEB8_6659_FD93
    return mixed ^ (mixed >> 32)
  }
}
