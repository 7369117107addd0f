public import EventSourcing
public import TamperEvidence

/// The Merkle tree of one log, read by tiles: a proof takes a few of them, however long the log is.
///
/// Full tiles are kept in the store before a checkpoint that covers them is published; what is not kept yet is worked
/// out from the leaves.
public struct LogTree: Sendable {
  public let log: LogID
  private let store: any TileStore

  public init(_ log: LogID, in store: any EventLog) {
    self.log = log
    self.store = store.tiles
  }

  // MARK: - Keeping

  /// How many tiles of the lowest level are read and kept at once.
  private static let batchCountMax: Int64 = 64

  /// Keeps the full tiles of the first `size` leaves that are not kept yet. Several programs may do so at once.
  public func keep(through size: LogSize) async throws(EventLogFailure) {
    let width = Int64(TileIndex.widthMax)
    var next = try await store.tileCount(of: log)
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
      try await store.storeTiles(batch, of: log)
      next += count
    }
  }

  /// The roots of the kept tiles that no tile above holds yet, level by level.
  private func pendingRoots(tileCount: Int64) async throws(EventLogFailure) -> [[MerkleHash]] {
    var pending: [[MerkleHash]] = []
    var count = tileCount
    while count > 0 {
      let rest = count % Int64(TileIndex.widthMax)
      let part = TreePart.tileRoots(level: pending.count, from: count - rest, count: Int(rest))
      pending.append(try Self.hashes(await store.hashes(of: part, in: log), count: Int(rest)))
      count /= Int64(TileIndex.widthMax)
    }
    return pending
  }

  // MARK: - Reading

  /// The hashes of a tile.
  ///
  /// Fails as broken where the log is too short to have them.
  public func hashes(of tile: Tile) async throws(EventLogFailure) -> [MerkleHash] {
    try await hashes(of: [tile])[0]
  }

  /// The hashes of some tiles: one round trip where those are kept that are full.
  private func hashes(of tiles: [Tile]) async throws(EventLogFailure) -> [[MerkleHash]] {
    let kept = try await store.hashes(
      of: tiles.map { tile in
        tile.isFull ? .tile(level: tile.level, index: Int64(clamping: tile.index)) : Self.below(tile)
      }, in: log)
    var found: [[MerkleHash]] = []
    for (tile, bytes) in zip(tiles, kept) {
      if tile.isFull, !bytes.isEmpty {
        found.append(try Self.hashes(bytes, count: tile.width))
      } else {
        let bytes = tile.isFull ? try await store.hashes(of: Self.below(tile), in: log) : bytes
        found.append(try await hashes(of: tile, below: bytes))
      }
    }
    return found
  }

  /// What lies below a tile: its leaves, or the roots of the tiles that it is made of.
  private static func below(_ tile: Tile) -> TreePart {
    let first = Int64(clamping: tile.index) * Int64(TileIndex.widthMax)
    return tile.level == 0
      ? .leafHashes(from: Position(first), count: tile.width)
      : .tileRoots(level: tile.level - 1, from: first, count: tile.width)
  }

  private func hashes(of tile: Tile, below bytes: [UInt8]) async throws(EventLogFailure) -> [MerkleHash] {
    guard tile.level > 0 else { return try Self.hashes(bytes, count: tile.width) }
    var roots = try Self.hashes(bytes, count: nil)
    // The tiles of the newest events may not be kept yet.
    let missing = Array(tile.children.dropFirst(roots.count))
    guard !missing.isEmpty else { return roots }
    for child in try await hashes(of: missing) {
      guard let root = Tile.root(of: child) else { throw Self.damaged }
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
    var tiles: Set<Tile> = []
    for node in ranges.flatMap(\.nodes) {
      guard let tile = Tile(holding: node, size: size) else { throw Self.damaged }
      tiles.insert(tile)
    }
    let needed = Array(tiles)
    let known = Dictionary(uniqueKeysWithValues: zip(needed, try await hashes(of: needed)))
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
    let part = TreePart.leafHashes(from: Position(index), count: Int(count))
    return try Self.hashes(await store.hashes(of: part, in: log), count: Int(count))
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
