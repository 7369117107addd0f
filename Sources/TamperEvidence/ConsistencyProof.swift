/// That a tree is a continuation of an older one: nothing changed, nothing removed (RFC 6962 §2.1.2, RFC 9162 §2.1.4).
///
/// Two cases that RFC 9162 leaves out are settled as tlog-witness does: every tree continues the empty one, without
/// any hash, and a tree continues itself, without any hash.
public struct ConsistencyProof: Hashable, Sendable {
  public let oldSize: UInt64
  public let newSize: UInt64

  /// In the order of RFC 6962: from the part at the old tree's right edge up to the root's child.
  public let hashes: [MerkleHash]

  public init(oldSize: UInt64, newSize: UInt64, hashes: [MerkleHash]) {
    self.oldSize = oldSize
    self.newSize = newSize
    self.hashes = hashes
  }

  /// The parts of the tree of `newSize` leaves whose hashes are the proof, in the proof's order.
  ///
  /// Traps when `oldSize` is above `newSize`.
  public static func ranges(from oldSize: UInt64, to newSize: UInt64) -> [LeafRange] {
    precondition(oldSize <= newSize, "A tree does not shrink.")
    guard oldSize > 0 else { return [] }
    var ranges: [LeafRange] = []
    var (lower, upper) = (UInt64(0), newSize)
    while oldSize < upper {
      let split = lower + (upper - lower - 1).largestPowerOfTwo
      if oldSize <= split {
        ranges.append(LeafRange(split..<upper))
        upper = split
      } else {
        ranges.append(LeafRange(lower..<split))
        lower = split
      }
    }
    // What is left ends where the old tree ends. It is the whole old tree unless something was cut off on its left,
    // and then whoever verifies has its root already.
    if lower > 0 { ranges.append(LeafRange(lower..<upper)) }
    return ranges.reversed()
  }

  /// True when the tree of `newSize` leaves with `newRoot` continues the tree of `oldSize` leaves with `oldRoot`.
  public func verifies(oldRoot: MerkleHash, newRoot: MerkleHash) -> Bool {
    guard oldSize <= newSize else { return false }
    guard oldSize < newSize else {
      return hashes.isEmpty && oldRoot == newRoot && (oldSize > 0 || oldRoot == .empty)
    }
    guard oldSize > 0 else { return hashes.isEmpty && oldRoot == .empty }
    return continues(oldRoot, newRoot)
  }

  /// RFC 9162 §2.1.4.2, for sizes with 0 < old < new: builds the old and the new root from the same hashes.
  private func continues(_ oldRoot: MerkleHash, _ newRoot: MerkleHash) -> Bool {
    // A perfect old tree is a node of the new one, and its hash is left out of the proof.
    let isPerfect = oldSize & (oldSize - 1) == 0
    guard let start = isPerfect ? oldRoot : hashes.first else { return false }
    let levels = oldSize.trailingZeroBitCount
    var (node, last) = ((oldSize - 1) >> levels, (newSize - 1) >> levels)
    var (old, new) = (start, start)
    for hash in hashes.dropFirst(isPerfect ? 0 : 1) {
      guard last > 0 else { return false }
      if node & 1 == 1 || node == last {
        old = MerkleTree.nodeHash(hash, old)
        new = MerkleTree.nodeHash(hash, new)
        let levels = node == 0 ? 0 : node.trailingZeroBitCount
        node >>= levels
        last >>= levels
      } else {
        new = MerkleTree.nodeHash(new, hash)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && old == oldRoot && new == newRoot
  }
}
