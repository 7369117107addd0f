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

/// Some of the hashes of a log's tree, one beside the other.
public enum TreePart: Hashable, Sendable {
  /// The leaf hashes from a position on: as many as there are, at most `count`.
  case leafHashes(from: Position, count: Int)
  /// The hashes of a full tile; none when it is not kept.
  case tile(level: Int, index: Int64)
  /// The roots of kept tiles of one level from an index on, up to the first that is missing.
  case tileRoots(level: Int, from: Int64, count: Int)
}

/// Keeps the full hash tiles of logs, so that a proof reads a few of them and not the whole log.
///
/// Tiles follow from the events: losing them costs time, and a wrong one shows in every proof that is made of it.
public protocol TileStore: Sendable {
  /// The hashes of some parts in their order, 32 bytes each; a few parts are one round trip.
  func hashes(of parts: [TreePart], in log: LogID) async throws(EventLogFailure) -> [[UInt8]]

  /// Keeps full tiles, the lower ones first; those that are there already stay. Fails as broken when a tile is not made
  /// of what lies below it.
  func storeTiles(_ tiles: [StoredTile], of log: LogID) async throws(EventLogFailure)

  /// How many tiles of the lowest level are kept, from the first on without a gap.
  func tileCount(of log: LogID) async throws(EventLogFailure) -> Int64
}

extension TileStore {
  public func hashes(of part: TreePart, in log: LogID) async throws(EventLogFailure) -> [UInt8] {
    try await hashes(of: [part], in: log)[0]
  }
}
