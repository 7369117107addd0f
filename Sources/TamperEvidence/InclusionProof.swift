/// That one entry is in a tree (RFC 6962 §2.1.1, the "Merkle audit path").
///
/// A proof is only what somebody said; it proves nothing before `verifies(leafHash:root:)` has returned true for a
/// root that a log has signed.
public struct InclusionProof: Hashable, Sendable {
  /// The most hashes that a proof can have: the height of the largest tree.
  public static let hashCountMax = 64

  /// The entry's place among the leaves, from 0.
  public let index: UInt64

  /// The number of leaves of the tree.
  public let size: UInt64

  /// From the leaf's sibling up to the root's child.
  public let hashes: [MerkleHash]

  public init(index: UInt64, size: UInt64, hashes: [MerkleHash]) {
    self.index = index
    self.size = size
    self.hashes = hashes
  }

  /// The parts of a tree of `size` leaves whose hashes are the proof for leaf `index`, in the proof's order.
  ///
  /// Traps unless `index` is below `size`.
  public static func ranges(index: UInt64, size: UInt64) -> [LeafRange] {
    precondition(index < size, "Only a leaf that is in the tree has a proof.")
    var ranges: [LeafRange] = []
    var (lower, upper) = (UInt64(0), size)
    while upper - lower > 1 {
      let split = lower + (upper - lower - 1).largestPowerOfTwo
      if index < split {
        ranges.append(LeafRange(split..<upper))
        upper = split
      } else {
        ranges.append(LeafRange(lower..<split))
        lower = split
      }
    }
    return ranges.reversed()
  }

  /// The root of the tree in which the leaf has this proof; nil when no tree of this size has a proof of this length.
  ///
  /// The steps are those of RFC 9162 §2.1.3.2.
  public func root(leafHash: MerkleHash) -> MerkleHash? {
    guard index < size else { return nil }
    var (node, last) = (index, size - 1)
    var hash = leafHash
    for sibling in hashes {
      guard last > 0 else { return nil }
      if node & 1 == 1 || node == last {
        hash = MerkleTree.nodeHash(sibling, hash)
        // The last node of a level may have no sibling there: it moves up unchanged until it has one, on its left.
        let levels = node == 0 ? 0 : node.trailingZeroBitCount
        node >>= levels
        last >>= levels
      } else {
        hash = MerkleTree.nodeHash(hash, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 ? hash : nil
  }

  public func verifies(leafHash: MerkleHash, root: MerkleHash) -> Bool {
    self.root(leafHash: leafHash) == root
  }
}
