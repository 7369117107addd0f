/// The right edge of a Merkle tree (RFC 6962 §2.1): all that appending needs to know of the leaves before.
///
/// A tree of `size` leaves falls into perfect subtrees, one for each bit set in `size`, the largest first. Their
/// roots, at most 64, are the frontier (the "compact range" from 0 of transparency-dev/merkle). It is stored with
/// the head of a log and committed with every batch.
public struct MerkleFrontier: Hashable, Sendable {
  /// The number of leaves.
  public private(set) var size: UInt64

  /// The roots of the perfect subtrees, the largest first; always as many as bits are set in `size`.
  private var subtrees: [MerkleHash]

  /// The frontier of the empty tree.
  public init() {
    size = 0
    subtrees = []
  }

  /// Reads a frontier back from `bytes`: the subtrees' roots, the largest first, 32 bytes each.
  ///
  /// Only the length can be checked here; whoever stores a root beside the frontier compares it with `root`.
  public init(size: UInt64, bytes: [UInt8]) throws(MerkleFrontierError) {
    let expected = size.nonzeroBitCount * MerkleHash.byteCount
    guard bytes.count == expected else {
      throw .wrongByteCount(size: size, expected: expected, actual: bytes.count)
    }
    self.size = size
    subtrees = bytes.withUnsafeBytes { buffer in
      stride(from: 0, to: expected, by: MerkleHash.byteCount).map { start in
        MerkleHash(copying: UnsafeRawBufferPointer(rebasing: buffer[start...]))
      }
    }
  }

  /// The stored form, which `init(size:bytes:)` reads.
  public var bytes: [UInt8] {
    subtrees.withUnsafeBytes { Array($0) }
  }

  /// The Merkle tree hash of all leaves so far.
  public var root: MerkleHash {
    guard var root = subtrees.last else { return .empty }
    for subtree in subtrees.dropLast().reversed() {
      root = MerkleTree.nodeHash(subtree, root)
    }
    return root
  }

  /// Adds the next leaf: amortised one node hash.
  public mutating func append(_ leafHash: MerkleHash) { append(subtree: leafHash, height: 0) }

  /// Adds the next 2^`height` leaves by the root of their subtree.
  ///
  /// Traps unless the size is a multiple of that number.
  public mutating func append(subtree: MerkleHash, height: Int) {
    let (added, isTooLarge) = size.addingReportingOverflow(1 << UInt64(height))
    precondition(!isTooLarge, "A Merkle tree holds at most 2^64 - 1 leaves.")
    precondition(size & ((1 << UInt64(height)) - 1) == 0, "A subtree begins at a multiple of the number of its leaves.")
    var merged = subtree
    // A subtree of 2^n leaves stands last exactly while bit n of the old size is set: that subtree and the new
    // one, equal in height, become one.
    for _ in 0..<(~(size >> UInt64(height))).trailingZeroBitCount {
      merged = MerkleTree.nodeHash(subtrees.removeLast(), merged)
    }
    subtrees.append(merged)
    size = added
  }
}

/// Why stored bytes are no frontier.
public enum MerkleFrontierError: Error, Hashable {
  /// A tree of `size` leaves has one hash of 32 bytes for each bit set in `size`.
  case wrongByteCount(size: UInt64, expected: Int, actual: Int)
}

extension MerkleFrontierError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .wrongByteCount(let size, let expected, let actual):
      "couldn't read Merkle frontier: a tree of \(size) leaves has \(expected) bytes of hashes, found \(actual)"
    }
  }
}
