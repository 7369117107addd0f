public import EventSourcing
public import TamperEvidence

/// The Merkle tree of one log, read by tiles: a proof takes a few of them, however long the log is.
///
/// Full tiles are kept in the store before a checkpoint that covers them is published; what is not kept yet is worked
/// out from the leaves.
public struct LogTree: Sendable {
  public let log: LogID
  private let tiles: any TileStore

  public init(_ log: LogID, in store: any EventLog) {
    self.log = log
    tiles = store.tiles
  }

  // MARK: - Keeping

  /// How many tiles of the lowest level are read and kept at once.
  private static let batchCountMax: Int64 = 64

  /// Keeps the full tiles of the first `size` leaves that are not kept yet. Several programs may do so at once.
  public func keep(through size: LogSize) async throws(EventLogFailure) {
    let width = Int64(TileIndex.widthMax)
    var next = try await tiles.tileCount(of: log)
    let end = size.value / width
    guard next < end else { return }
    var rows = TileRows(pending: try await pendingRoots(tileCount: next))
    while next < end {
      let count = min(Self.batchCountMax, end - next)
      let leaves = try await leafHashes(from: next * width, count: count * width)
      var batch: [StoredTile] = []
      for index in next..<next + count {
        let start = Int(index - next) * TileIndex.widthMax
        let completed = rows.add(Array(leaves[start..<start + TileIndex.widthMax]), at: UInt64(index))
        batch += completed.map { tile, hashes, root in
          StoredTile(
            level: tile.level, index: Int64(tile.index), hashes: Tile.encode(hashes), root: root.bytes)
        }
      }
      try await tiles.storeTiles(batch, of: log)
      next += count
    }
  }

  /// The roots of the kept tiles that no tile above holds yet, level by level.
  private func pendingRoots(tileCount: Int64) async throws(EventLogFailure) -> [[MerkleHash]] {
    var pending: [[MerkleHash]] = []
    var count = tileCount
    while count > 0 {
      let rest = count % Int64(TileIndex.widthMax)
      let bytes = try await tiles.tileRoots(of: log, level: pending.count, from: count - rest, count: Int(rest))
      pending.append(try Self.hashes(bytes, count: Int(rest)))
      count /= Int64(TileIndex.widthMax)
    }
    return pending
  }

  // MARK: - Reading

  /// The hashes of a tile.
  ///
  /// Fails as broken where the log is too short to have them.
  public func hashes(of tile: Tile) async throws(EventLogFailure) -> [MerkleHash] {
    let index = Int64(clamping: tile.index)
    if tile.isFull, let bytes = try await tiles.tile(of: log, level: tile.level, index: index) {
      return try Self.hashes(bytes, count: tile.width)
    }
    let first = index * Int64(TileIndex.widthMax)
    guard tile.level > 0 else { return try await leafHashes(from: first, count: Int64(tile.width)) }
    var roots = try await Self.hashes(
      tiles.tileRoots(of: log, level: tile.level - 1, from: first, count: tile.width), count: nil)
    // The tiles of the newest events may not be kept yet.
    for child in tile.children.dropFirst(roots.count) {
      guard let root = Tile.root(of: try await hashes(of: child)) else { throw Self.damaged }
      roots.append(root)
    }
    return roots
  }

  /// That the event at `position` is in the tree of the first `size`.
  public func inclusionProof(
    of position: Position, size: LogSize
  ) async throws(EventLogFailure) -> InclusionProof {
    let (index, size) = (UInt64(position.value), UInt64(size.value))
    return InclusionProof(
      index: index, size: size, hashes: try await hashes(of: InclusionProof.ranges(index: index, size: size), size))
  }

  /// That the tree of the first `newSize` events continues that of the first `oldSize`.
  public func consistencyProof(
    from oldSize: LogSize, to newSize: LogSize
  ) async throws(EventLogFailure) -> ConsistencyProof {
    let (old, new) = (UInt64(oldSize.value), UInt64(newSize.value))
    return ConsistencyProof(
      oldSize: old, newSize: new, hashes: try await hashes(of: ConsistencyProof.ranges(from: old, to: new), new))
  }

  /// The root of the first `size` events, out of the tiles at the right edge.
  public func root(size: LogSize) async throws(EventLogFailure) -> MerkleHash {
    try await hashes(of: [LeafRange(0..<UInt64(size.value))], UInt64(size.value))[0]
  }

  private func hashes(of ranges: [LeafRange], _ size: UInt64) async throws(EventLogFailure) -> [MerkleHash] {
    var known: [Tile: [MerkleHash]] = [:]
    for node in ranges.flatMap(\.nodes) {
      guard let tile = Tile(holding: node, size: size) else { throw Self.damaged }
      if known[tile] == nil { known[tile] = try await hashes(of: tile) }
    }
    var hashes: [MerkleHash] = []
    for range in ranges {
      hashes.append(
        try range.hash { node throws(EventLogFailure) in
          guard let tile = Tile(holding: node, size: size), let hash = tile.hash(of: node, in: known[tile] ?? []) else {
            throw Self.damaged
          }
          return hash
        })
    }
    return hashes
  }

  private func leafHashes(from index: Int64, count: Int64) async throws(EventLogFailure) -> [MerkleHash] {
    let bytes = try await tiles.leafHashes(of: log, from: Position(index), count: Int(count))
    return try Self.hashes(bytes, count: Int(count))
  }

  private static func hashes(_ bytes: [UInt8], count: Int?) throws(EventLogFailure) -> [MerkleHash] {
    let hashes = stride(from: 0, to: bytes.count - MerkleHash.byteCount + 1, by: MerkleHash.byteCount).compactMap {
      MerkleHash(bytes: bytes[$0..<$0 + MerkleHash.byteCount])
    }
    guard count ?? hashes.count == hashes.count else { throw damaged }
    return hashes
  }

  private static let damaged = EventLogFailure(.broken, "the store lacks hashes that the log's head promises")
}
