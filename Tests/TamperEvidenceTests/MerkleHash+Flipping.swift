import TamperEvidence

extension MerkleHash {
  /// The hash with one bit changed.
  func flipping(bit: Int) -> MerkleHash {
    var bytes = bytes
    bytes[bit / 8] ^= 1 << (bit % 8)
    return MerkleHash(bytes: bytes) ?? .empty
  }
}
