/// A piece of one level of a Merkle tree (c2sp.org/tlog-tiles, "Merkle Tree").
///
/// Its hashes are those of perfect subtrees of 256^`level` leaves each, one beside the other: at level 0 the leaf
/// hashes, above it the roots of full tiles of the level below. All that a tree has is in its tiles, or follows from
/// them by hashing.
public struct Tile: Hashable, Sendable {
  /// The highest level that a path may name. A tree of less than 2^64 leaves has none above 7.
  public static let levelMax = 63

  public let level: Int
  public let tileIndex: TileIndex

  /// Traps for a level outside 0 to 63.
  public init(level: Int, tileIndex: TileIndex) {
    precondition(0...Self.levelMax ~= level, "A tile has a level from 0 to 63.")
    self.level = level
    self.tileIndex = tileIndex
  }

  /// Traps for a level outside 0 to 63 or a width outside 1 to 256.
  public init(level: Int, index: UInt64, width: Int = TileIndex.widthMax) {
    self.init(level: level, tileIndex: TileIndex(index: index, width: width))
  }

  public var index: UInt64 { tileIndex.index }
  public var width: Int { tileIndex.width }
  public var isFull: Bool { tileIndex.isFull }

  /// The tiles that a tree of `size` leaves has at a level; none at a level that it does not reach.
  public static func tiles(atLevel level: Int, size: UInt64) -> [Tile] {
    TileIndex.all(inRowOf: rowCount(level: level, size: size)).map { Tile(level: level, tileIndex: $0) }
  }

  /// True when all hashes of the tile are known once the log has `size` leaves.
  public func isContained(inTreeOf size: UInt64) -> Bool {
    tileIndex.isContained(inRowOf: Self.rowCount(level: level, size: size))
  }

  /// The full tiles one level below whose roots are this tile's hashes, in order; none at level 0.
  ///
  /// Traps for an index that no tree reaches.
  public var children: [Tile] {
    guard level > 0 else { return [] }
    let first = index * UInt64(TileIndex.widthMax)
    return (0..<UInt64(width)).map { Tile(level: level - 1, index: first + $0) }
  }

  /// How many perfect subtrees of 256^`level` leaves a tree has.
  private static func rowCount(level: Int, size: UInt64) -> UInt64 {
    size >> (heightMax * level)
  }

  /// The levels of nodes between a tile's hashes and its root.
  private static let heightMax = 8
}

// MARK: - Hashes

extension Tile {
  /// The tile that holds a node of a tree of `size` leaves, or holds the hashes from which it follows, as wide as it
  /// is in that tree; nil when the tree does not hold the whole node.
  public init?(holding node: TreeNode, size: UInt64) {
    guard node.isContained(inTreeOf: size) else { return nil }
    let level = node.level / Self.heightMax
    let position = node.index << (node.level % Self.heightMax)
    guard let tileIndex = TileIndex(holding: position, inRowOf: Self.rowCount(level: level, size: size)) else {
      return nil
    }
    self.init(level: level, tileIndex: tileIndex)
  }

  /// A node's hash out of the tile's hashes; nil when the node is not in the tile or the tile has not `width` hashes.
  public func hash(of node: TreeNode, in hashes: [MerkleHash]) -> MerkleHash? {
    guard hashes.count == width, node.level / Self.heightMax == level else { return nil }
    let height = node.level % Self.heightMax
    guard node.index >> (Self.heightMax - height) == index else { return nil }
    // Within a tile, a node of height h starts at a multiple of 2^h below 256.
    let start = Int(truncatingIfNeeded: node.index << height) & (TileIndex.widthMax - 1)
    guard start + 1 << height <= width else { return nil }
    return Self.root(of: hashes, start: start, height: height)
  }

  /// The hash of a full tile, which stands in a tile of the level above; nil unless there are exactly 256 hashes.
  public static func root(of hashes: [MerkleHash]) -> MerkleHash? {
    guard hashes.count == TileIndex.widthMax else { return nil }
    return root(of: hashes, start: 0, height: heightMax)
  }

  private static func root(of hashes: [MerkleHash], start: Int, height: Int) -> MerkleHash {
    guard height > 0 else { return hashes[start] }
    let half = height - 1
    return MerkleTree.nodeHash(
      root(of: hashes, start: start, height: half), root(of: hashes, start: start + 1 << half, height: half))
  }

  /// The tile as a file: its hashes, one after the other.
  public static func encode(_ hashes: [MerkleHash]) -> [UInt8] {
    hashes.withUnsafeBytes { Array($0) }
  }

  /// Reads the file of this tile, which has exactly `width` hashes of 32 bytes.
  public func decode(_ bytes: [UInt8]) throws(TileError) -> [MerkleHash] {
    let expected = width * MerkleHash.byteCount
    guard bytes.count == expected else { throw .wrongByteCount(expected: expected, actual: bytes.count) }
    return bytes.withUnsafeBytes { buffer in
      stride(from: 0, to: expected, by: MerkleHash.byteCount).map { start in
        MerkleHash(copying: UnsafeRawBufferPointer(rebasing: buffer[start...]))
      }
    }
  }
}

// MARK: - Paths

extension Tile {
  /// Where a log serves the tile, below its prefix.
  public var path: String {
    "\(Self.directory)\(level)/\(tileIndex.path)"
  }

  /// Reads the one spelling that `path` gives; nil for any other.
  public init?(path: some StringProtocol) {
    guard let rest = path.removing(prefix: Self.directory),
      let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")),
      let level = DecimalNumber.parse(rest.utf8[..<slash]), level <= Self.levelMax,
      let tileIndex = TileIndex(path: rest[rest.utf8.index(after: slash)...])
    else { return nil }
    self.init(level: Int(level), tileIndex: tileIndex)
  }

  private static let directory = "tile/"
}

extension Tile: CustomStringConvertible {
  public var description: String { path }
}

/// Why bytes are not those of a tile.
public enum TileError: Error, Hashable {
  case wrongByteCount(expected: Int, actual: Int)
}

extension TileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .wrongByteCount(let expected, let actual):
      "couldn't read tile: its width makes \(expected) bytes of hashes, found \(actual)"
    }
  }
}
