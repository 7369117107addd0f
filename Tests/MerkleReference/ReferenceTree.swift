import Crypto
import Synchronization
public import TamperEvidence

/// A Merkle tree and its proofs as RFC 6962 §2.1 defines them, word for word, with nothing done cleverly; what the
/// clever ones are compared with.
public final class ReferenceTree: Sendable {
  public let leafHashes: [MerkleHash]

  /// Each hash is worked out once: tests ask for the same ones over and over.
  private let known = Mutex<[Range<Int>: MerkleHash]>([:])

  public init(size: Int) {
    leafHashes = (0..<size).map { MerkleTree.leafHash(Self.entry($0)) }
  }

  public static func entry(_ index: Int) -> [UInt8] {
    Array("entry \(index)".utf8)
  }

  public func root(_ size: Int) -> MerkleHash {
    hash(0..<size)
  }

  /// MTH(D[range]).
  public func hash(_ range: Range<Int>) -> MerkleHash {
    guard range.count > 1 else { return range.isEmpty ? .empty : leafHashes[range.lowerBound] }
    if let hash = known.withLock({ $0[range] }) { return hash }
    let (left, right) = Self.halves(range)
    let hash = Self.node(hash(left), hash(right))
    known.withLock { $0[range] = hash }
    return hash
  }

  /// PATH(m, D[n]), §2.1.1, of the leaves in `range`.
  public func path(_ index: Int, in range: Range<Int>) -> [MerkleHash] {
    guard range.count > 1 else { return [] }
    let (left, right) = Self.halves(range)
    return left.contains(index) ? path(index, in: left) + [hash(right)] : path(index, in: right) + [hash(left)]
  }

  /// PROOF(m, D[n]), §2.1.2; for 0, of which the RFC says nothing, no hash.
  public func consistency(_ old: Int, _ new: Int) -> [MerkleHash] {
    old == 0 ? [] : subproof(old, in: 0..<new, isComplete: true)
  }

  private func subproof(_ old: Int, in range: Range<Int>, isComplete: Bool) -> [MerkleHash] {
    guard old < range.upperBound else { return isComplete ? [] : [hash(range)] }
    let (left, right) = Self.halves(range)
    return old <= left.upperBound
      ? subproof(old, in: left, isComplete: isComplete) + [hash(right)]
      : subproof(old, in: right, isComplete: false) + [hash(left)]
  }

  /// Parted after the largest power of two that is smaller than the number of leaves.
  private static func halves(_ range: Range<Int>) -> (left: Range<Int>, right: Range<Int>) {
    var width = 1
    while width * 2 < range.count { width *= 2 }
    let middle = range.lowerBound + width
    return (range.lowerBound..<middle, middle..<range.upperBound)
  }

  /// Not the hash of the module that is tested.
  private static func node(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
    guard let hash = MerkleHash(bytes: Array(SHA256.hash(data: [1] + left.bytes + right.bytes))) else {
      preconditionFailure("a SHA-256 has the length of a hash")
    }
    return hash
  }
}
