/// A full hash tile of a log's Merkle tree (c2sp.org/tlog-tiles).
public struct StoredTile: Hashable, Sendable {
  /// How many hashes a full tile has.
  public static let width = 256

  /// Its hashes are those of subtrees of 256^level leaves.
  public let level: Int
  public let index: Int64
  /// 256 hashes of 32 bytes each.
  public let hashes: [UInt8]
  /// The hash of the subtree that the tile covers: one hash of the tile above.
  public let root: [UInt8]

  public init(level: Int, index: Int64, hashes: [UInt8], root: [UInt8]) {
    self.level = level
    self.index = index
    self.hashes = hashes
    self.root = root
  }
}

/// Keeps the full hash tiles of logs, so that a proof reads a few of them and not the whole log.
///
/// Tiles follow from the events: losing them costs time, and a wrong one shows in every proof that is made of it.
public protocol TileStore: Sendable {
  /// The leaf hashes from a position on, 32 bytes each: as many as there are, at most `count`.
  func leafHashes(of log: LogID, from position: Position, count: Int) async throws(EventLogFailure) -> [UInt8]

  /// Keeps full tiles, the lower ones first; those that are there already stay. Fails as broken when a tile is not made
  /// of what lies below it.
  func storeTiles(_ tiles: [StoredTile], of log: LogID) async throws(EventLogFailure)

  /// The hashes of a full tile, nil when it is not kept.
  func tile(of log: LogID, level: Int, index: Int64) async throws(EventLogFailure) -> [UInt8]?

  /// The roots of kept tiles of one level from an index on, 32 bytes each, up to the first that is missing.
  func tileRoots(of log: LogID, level: Int, from index: Int64, count: Int) async throws(EventLogFailure) -> [UInt8]

  /// How many tiles of the lowest level are kept, from the first on without a gap.
  func tileCount(of log: LogID) async throws(EventLogFailure) -> Int64
}
