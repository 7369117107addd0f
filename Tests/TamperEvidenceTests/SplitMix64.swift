/// Random numbers that are the same in every run.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

extension [UInt8] {
  /// The bytes with a few of them changed, removed, or joined by others.
  /// - Parameter inserted: what is put in: bytes that mean something in the format.
  func damaged(times: ClosedRange<Int>, inserting inserted: [UInt8], using random: inout SplitMix64) -> [UInt8] {
    var bytes = self
    for _ in 0..<Int.random(in: times, using: &random) {
      let index = Int.random(in: bytes.indices, using: &random)
      switch UInt8.random(in: 0..<3, using: &random) {
      case 0: bytes[index] = .random(in: .min ... .max, using: &random)
      case 1: bytes.remove(at: index)
      default: bytes.insert(inserted[Int.random(in: inserted.indices, using: &random)], at: index)
      }
    }
    return bytes
  }
}
