public import TamperEvidence

/// Builds the tiles of a growing tree, one of the lowest level after the other.
public struct TileRows: Sendable {
  /// Level by level, the hashes that no full tile holds yet; nothing for the lowest level.
  private var rows: [[MerkleHash]] = []

  public init() {}

  /// Goes on from a tree of which the roots of the last tiles are known.
  /// - Parameter pending: by level of the tiles, the roots that no tile above holds yet.
  public init(pending: [[MerkleHash]]) { rows = [[]] + pending }

  /// Takes the hashes of the next tile of the lowest level.
  /// - Parameter root: of the tile, where it is known already; a tile that is not full has none.
  /// - Returns: the full tiles that are complete now, the lowest first, each with its hashes and its root.
  public mutating func add(
    _ hashes: [MerkleHash], at index: UInt64, root: MerkleHash?
  ) -> [(tile: Tile, hashes: [MerkleHash], root: MerkleHash)] {
    var completed: [(tile: Tile, hashes: [MerkleHash], root: MerkleHash)] = []
    var (level, index, hashes, root) = (0, index, hashes, root)
    while let full = root {
      completed.append((Tile(level: level, index: index), hashes, full))
      level += 1
      while rows.count <= level { rows.append([]) }
      rows[level].append(full)
      // A tile above is complete with its last hash.
      guard rows[level].count == TileIndex.widthMax else { break }
      hashes = rows[level]
      rows[level] = []
      root = Tile.root(of: hashes)
      index /= UInt64(TileIndex.widthMax)
    }
    return completed
  }

  /// Takes the hashes of the next tile of the lowest level, and works out its root.
  public mutating func add(
    _ hashes: [MerkleHash], at index: UInt64
  ) -> [(tile: Tile, hashes: [MerkleHash], root: MerkleHash)] {
    add(hashes, at: index, root: Tile.root(of: hashes))
  }

  /// The hashes of the partial tile at the end of a level above the lowest.
  public func partial(level: Int) -> [MerkleHash] { level < rows.count ? rows[level] : [] }
}
