/// A perfect subtree of a Merkle tree: the 2^`level` leaves from `index` · 2^`level` on.
///
/// Once a log is so large that the subtree is full, its hash never changes again; tiles are made of such hashes.
public struct TreeNode: Hashable, Sendable {
  /// 0 for a leaf, at most 63.
  public let level: Int

  /// Counts the nodes of this level from the left.
  public let index: UInt64

  /// Traps for a node that no tree of at most 2^64 - 1 leaves holds.
  public init(level: Int, index: UInt64) {
    precondition(0..<UInt64.bitWidth ~= level, "A node of a Merkle tree has a level from 0 to 63.")
    precondition(index < UInt64.max >> level, "A Merkle tree holds at most 2^64 - 1 leaves.")
    self.level = level
    self.index = index
  }

  /// The leaves below the node.
  public var leaves: LeafRange {
    LeafRange(index << level..<(index + 1) << level)
  }

  /// True when all leaves below the node are among the first `size`.
  public func isContained(inTreeOf size: UInt64) -> Bool {
    index < size >> level
  }
}

/// Leaves that stand together in a Merkle tree, such that the hash of all of them occurs in the tree or in a proof.
///
/// The lower bound is a multiple of the largest power of two that is not above the number of leaves. Every range from
/// 0 has this form, and so has every part into which RFC 6962 §2.1 splits one.
public struct LeafRange: Hashable, Sendable {
  public let lower: UInt64

  /// The first leaf after the range.
  public let upper: UInt64

  /// Traps for a range whose lower bound the type does not allow.
  public init(_ range: Range<UInt64>) {
    let count = range.upperBound - range.lowerBound
    precondition(
      count == 0 || range.lowerBound & (count.largestPowerOfTwo - 1) == 0,
      "The range is no part of a Merkle tree: its lower bound lies inside a subtree that it should start.")
    lower = range.lowerBound
    upper = range.upperBound
  }

  public var count: UInt64 { upper - lower }

  /// The perfect subtrees of which the range consists, from left to right, which is the largest first.
  public var nodes: [TreeNode] {
    var nodes: [TreeNode] = []
    nodes.reserveCapacity(count.nonzeroBitCount)
    var start = lower
    while start < upper {
      let level = UInt64.bitWidth - 1 - (upper - start).leadingZeroBitCount
      nodes.append(TreeNode(level: level, index: start >> level))
      start += 1 << level
    }
    return nodes
  }

  /// MTH of the range (RFC 6962 §2.1) out of the hashes of `nodes`, which are asked for from right to left.
  public func hash<Failure: Error>(
    of node: (TreeNode) throws(Failure) -> MerkleHash
  ) throws(Failure) -> MerkleHash {
    guard lower < upper else { return .empty }
    var end = upper
    var (last, rest) = lastNode(before: end)
    var hash = try node(last)
    end = rest
    while end > lower {
      (last, rest) = lastNode(before: end)
      hash = MerkleTree.nodeHash(try node(last), hash)
      end = rest
    }
    return hash
  }

  /// The rightmost perfect subtree that ends at `end`, and where it starts: as large as the lowest bit of the count
  /// says, to which both bounds are aligned.
  private func lastNode(before end: UInt64) -> (node: TreeNode, start: UInt64) {
    let level = (end - lower).trailingZeroBitCount
    let start = end - 1 << level
    return (TreeNode(level: level, index: start >> level), start)
  }
}

extension UInt64 {
  /// The largest power of two that is not above a number, which must not be 0.
  var largestPowerOfTwo: UInt64 {
    1 << (UInt64.bitWidth - 1 - leadingZeroBitCount)
  }
}
