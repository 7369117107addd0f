public import EventSourcing
internal import Postgres

extension PostgresEventLog: TileStore {
  public var tiles: any TileStore { self }

  public func leafHashes(
    of log: LogID, from position: Position, count: Int
  ) async throws(EventLogFailure) -> [UInt8] {
    let rows = try await query(
      """
      SELECT string_agg(leaf_hash, ''::bytea ORDER BY position) FROM ledger.events
      WHERE plan_id = $1 AND log_id = $2 AND position >= $3 AND position < $4
      """, [log.plan, log.name, position.value, position.value + Int64(count)])
    return try decode { try rows[0].decode(0, as: [UInt8]?.self) ?? [] }
  }

  public func storeTiles(_ tiles: [StoredTile], of log: LogID) async throws(EventLogFailure) {
    _ = try await query(
      "SELECT ledger.store_tiles($1, $2, $3, $4, $5, $6)",
      [
        log.plan, log.name, PostgresArray(tiles.map { Int16($0.level) }), PostgresArray(tiles.map(\.index)),
        PostgresArray(tiles.map(\.hashes)), PostgresArray(tiles.map(\.root)),
      ])
  }

  public func tile(of log: LogID, level: Int, index: Int64) async throws(EventLogFailure) -> [UInt8]? {
    let rows = try await query(
      "SELECT hashes FROM ledger.tiles WHERE plan_id = $1 AND log_id = $2 AND level = $3 AND index = $4",
      [log.plan, log.name, Int16(level), index])
    return try decode { try rows.first?.decode(0) }
  }

  public func tileRoots(
    of log: LogID, level: Int, from index: Int64, count: Int
  ) async throws(EventLogFailure) -> [UInt8] {
    let rows = try await query(
      """
      SELECT index, root FROM ledger.tiles
      WHERE plan_id = $1 AND log_id = $2 AND level = $3 AND index >= $4 AND index < $5 ORDER BY index
      """, [log.plan, log.name, Int16(level), index, index + Int64(count)])
    return try decode {
      var roots: [UInt8] = []
      for (offset, row) in rows.enumerated() {
        guard try row.decode(0, as: Int64.self) == index + Int64(offset) else { break }
        roots += try row.decode(1, as: [UInt8].self)
      }
      return roots
    }
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
