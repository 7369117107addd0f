import Crypto
import TamperEvidence

/// A Merkle tree and its proofs as RFC 6962 §2.1 defines them, word for word, with nothing done cleverly.
struct NaiveTree {
  let leafHashes: [MerkleHash]

  /// `hashes[lower][count]` is MTH(D[lower:lower + count]).
  private let hashes: [[MerkleHash]]

  init(size: Int) {
    let leafHashes = (0..<size).map { MerkleTree.leafHash(Self.entry($0)) }
    var hashes = (0...size).map { _ in [MerkleHash.empty] }
    for count in stride(from: 1, through: size, by: 1) {
      for lower in 0...(size - count) {
        let split = Self.split(count)
        let hash =
          count == 1 ? leafHashes[lower] : Self.node(hashes[lower][split], hashes[lower + split][count - split])
        hashes[lower].append(hash)
      }
    }
    self.leafHashes = leafHashes
    self.hashes = hashes
  }

  static func entry(_ index: Int) -> [UInt8] {
    Array("entry \(index)".utf8)
  }

  func root(_ size: Int) -> MerkleHash {
    hash(0..<size)
  }

  func hash(_ range: Range<Int>) -> MerkleHash {
    hashes[range.lowerBound][range.count]
  }

  /// PATH(m, D[n]), §2.1.1, of the leaves in `range`.
  func path(_ index: Int, in range: Range<Int>) -> [MerkleHash] {
    guard range.count > 1 else { return [] }
    let middle = range.lowerBound + Self.split(range.count)
    return index < middle
      ? path(index, in: range.lowerBound..<middle) + [hash(middle..<range.upperBound)]
      : path(index, in: middle..<range.upperBound) + [hash(range.lowerBound..<middle)]
  }

  /// PROOF(m, D[n]), §2.1.2, for 0 < m.
  func consistency(_ old: Int, _ new: Int) -> [MerkleHash] {
    subproof(old, in: 0..<new, isComplete: true)
  }

  private func subproof(_ old: Int, in range: Range<Int>, isComplete: Bool) -> [MerkleHash] {
    guard old < range.upperBound else { return isComplete ? [] : [hash(range)] }
    let middle = range.lowerBound + Self.split(range.count)
    return old <= middle
      ? subproof(old, in: range.lowerBound..<middle, isComplete: isComplete) + [hash(middle..<range.upperBound)]
      : subproof(old, in: middle..<range.upperBound, isComplete: false) + [hash(range.lowerBound..<middle)]
  }

  /// The largest power of two smaller than `count`.
  private static func split(_ count: Int) -> Int {
    var split = 1
    while split * 2 < count { split *= 2 }
    return split
  }

  private static func node(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
    MerkleHash(bytes: Array(SHA256.hash(data: [1] + left.bytes + right.bytes))) ?? .empty
  }
}

extension MerkleHash {
  /// The hash with one bit changed.
  func flipping(bit: Int) -> MerkleHash {
    var bytes = bytes
    bytes[bit / 8] ^= 1 << (bit % 8)
    return MerkleHash(bytes: bytes) ?? .empty
  }
}
