public import EventSourcing
internal import Postgres

extension PostgresEventLog: TileStore {
  public var tiles: any TileStore { self }

  public func hashes(of parts: [TreePart], in log: LogID) async throws(EventLogFailure) -> [[UInt8]] {
    let results = try await pipeline(parts.map { Self.statement($0, log) })
    return try decode { try zip(parts, results).map { try Self.hashes(of: $0, from: $1) } }
  }

  private static func statement(_ part: TreePart, _ log: LogID) -> (sql: String, parameters: [any PostgresEncodable]) {
    switch part {
    case .leafHashes(let first, let count):
      (
        """
        SELECT string_agg(leaf_hash, ''::bytea ORDER BY position) FROM ledger.events
        WHERE plan_id = $1 AND log_id = $2 AND position >= $3 AND position < $4
        """, [log.plan, log.name, first.value, first.value + Int64(count)]
      )
    case .tile(let level, let index):
      (
        "SELECT hashes FROM ledger.tiles WHERE plan_id = $1 AND log_id = $2 AND level = $3 AND index = $4",
        [log.plan, log.name, Int16(level), index]
      )
    case .tileRoots(let level, let first, let count):
      (
        """
        SELECT root, index FROM ledger.tiles
        WHERE plan_id = $1 AND log_id = $2 AND level = $3 AND index >= $4 AND index < $5 ORDER BY index
        """, [log.plan, log.name, Int16(level), first, first + Int64(count)]
      )
    }
  }

  private static func hashes(of part: TreePart, from rows: PostgresRows) throws -> [UInt8] {
    guard case .tileRoots(_, let first, _) = part else { return try rows.first?.decode(0, as: [UInt8]?.self) ?? [] }
    var roots: [UInt8] = []
    for (offset, row) in rows.enumerated() {
      guard try row.decode(1, as: Int64.self) == first + Int64(offset) else { break }
      roots += try row.decode(0, as: [UInt8].self)
    }
    return roots
  }

  public func storeTiles(_ tiles: [StoredTile], of log: LogID) async throws(EventLogFailure) {
    _ = try await query(
      "SELECT ledger.store_tiles($1, $2, $3, $4, $5, $6)",
      [
        log.plan, log.name, PostgresArray(tiles.map { Int16($0.level) }), PostgresArray(tiles.map(\.index)),
        PostgresArray(tiles.map(\.hashes)), PostgresArray(tiles.map(\.root)),
      ])
  }

  public func tileCount(of log: LogID) async throws(EventLogFailure) -> Int64 {
    // Tiles are only ever made in order, so the last one tells how many there are.
    let rows = try await query(
      """
      SELECT index + 1 FROM ledger.tiles
      WHERE plan_id = $1 AND log_id = $2 AND level = 0 ORDER BY index DESC LIMIT 1
      """, [log.plan, log.name])
    return try decode { try rows.first?.decode(0) ?? 0 }
  }
}
