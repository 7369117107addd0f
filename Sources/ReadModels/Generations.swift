internal import Coordination
package import EventLogPostgres
package import EventSourcing
internal import Postgres
internal import Projections

/// How far a set of rows has read its log.
package struct Generation: Sendable, Codable {
  package let number: Int
  package let isCurrent: Bool
  package let foldVersion: Int
  package let size: Int64

  /// Raised when rows are made in another way: the next start writes a new generation.
  static let foldVersion = Plan.foldVersion * 100 + 1
}

/// A table in which the rows that are served differ from those that the log gives.
package struct ReadModelDifference: Sendable, Codable {
  package let table: String
  /// Rows that the log gives and the table lacks.
  package let missing: Int64
  /// Rows that the table has and the log does not give.
  package let surplus: Int64
}

/// The generations of one plan's read models.
package struct Generations: Sendable {
  static let tables = ReadTable.all.map(\.name) + ["timeline", "reports"]

  let log: PostgresEventLog
  let plan: EntityID

  package init(log: PostgresEventLog, plan: EntityID) {
    self.log = log
    self.plan = plan
  }

  package func all() async throws -> [Generation] {
    let rows = try await log.projectionPool.withConnection { connection in
      try await connection.query(
        """
        SELECT generation, is_current, fold_version, size FROM projection.generations WHERE plan_id = $1
        ORDER BY generation
        """, [plan])
    }
    return try rows.map { row in
      Generation(
        number: Int(try row.decode(0, as: Int32.self)), isCurrent: try row.decode(1),
        foldVersion: Int(try row.decode(2, as: Int32.self)), size: try row.decode(3))
    }
  }

  package func current() async throws -> Generation? { try await all().first(where: \.isCurrent) }

  /// Begins an empty generation beside the current one.
  func begin() async throws -> Generation {
    let rows = try await log.projectionPool.withConnection { connection in
      try await connection.query(
        """
        INSERT INTO projection.generations (plan_id, generation, fold_version)
        SELECT $1, coalesce(max(generation), 0) + 1, $2 FROM projection.generations WHERE plan_id = $1
        RETURNING generation
        """, [plan, Int32(Generation.foldVersion)])
    }
    guard let row = rows.first else { throw ReadModelFailure.unknownPlan(plan) }
    return Generation(
      number: Int(try row.decode(0, as: Int32.self)), isCurrent: false, foldVersion: Generation.foldVersion, size: 0)
  }

  /// Writes the whole log into a new generation, a page at a time: memory holds the plan and one page.
  /// - Parameters:
  ///   - size: how much of the log to read; all of it unless given.
  ///   - progress: called after each page with the number of events read.
  package func rebuild(
    through size: Int64 = .max, pageSize: Int = 2_000, progress: @Sendable (Int64) -> Void
  ) async throws -> Generation {
    guard try await log.head(of: LogID(plan: plan)) != nil else { throw ReadModelFailure.unknownPlan(plan) }
    let generation = try await begin()
    do {
      var fold = ReadModelFold(Plan(id: plan))
      while fold.plan.size.value < size {
        let limit = Int(min(Int64(pageSize), size - fold.plan.size.value))
        let page = try await log.events(
          of: LogID(plan: plan), matching: EventQuery(from: fold.plan.size.nextPosition, limit: limit))
        if page.isEmpty { break }
        for event in page { try fold.apply(event) }
        var written = fold
        try await log.projectionPool.withTransaction { connection in
          try await written.writeLog(generation: generation.number, on: connection)
        }
        fold = written
        progress(fold.plan.size.value)
      }
      var whole = fold
      try await log.projectionPool.withTransaction { connection in
        try await whole.writeAll(generation: generation.number, on: connection)
        _ = try await connection.query(
          "UPDATE projection.generations SET size = $3, updated_at = clock_timestamp() WHERE plan_id = $1 AND generation = $2",
          [plan, Int32(generation.number), whole.plan.size.value])
      }
      return Generation(
        number: generation.number, isCurrent: false, foldVersion: generation.foldVersion, size: whole.plan.size.value)
    } catch {
      try? await drop(generation)
      throw error
    }
  }

  /// Makes a generation the one that is served, and removes the others.
  package func makeCurrent(_ generation: Generation) async throws {
    try await log.projectionPool.withTransaction { connection in
      _ = try await connection.query(
        "UPDATE projection.generations SET is_current = false WHERE plan_id = $1 AND is_current", [plan])
      _ = try await connection.query(
        "UPDATE projection.generations SET is_current = true WHERE plan_id = $1 AND generation = $2",
        [plan, Int32(generation.number)])
    }
    for other in try await all() where other.number != generation.number { try await drop(other) }
  }

  package func drop(_ generation: Generation) async throws {
    try await log.projectionPool.withTransaction { connection in
      for table in Self.tables + ["generations"] {
        _ = try await connection.query(
          "DELETE FROM projection.\(table) WHERE plan_id = $1 AND generation = $2", [plan, Int32(generation.number)])
      }
    }
  }

  /// Compares two generations row by row.
  package func differences(between left: Generation, and right: Generation) async throws -> [ReadModelDifference] {
    var differences: [ReadModelDifference] = []
    for table in Self.tables {
      let surplus = try await count(in: table, of: left, notIn: right)
      let missing = try await count(in: table, of: right, notIn: left)
      if surplus + missing > 0 {
        differences.append(ReadModelDifference(table: table, missing: missing, surplus: surplus))
      }
    }
    return differences
  }

  private func count(in table: String, of left: Generation, notIn right: Generation) async throws -> Int64 {
    let columns = Self.columns(of: table).joined(separator: ", ")
    let rows = try await log.projectionPool.withConnection { connection in
      try await connection.query(
        """
        SELECT count(*) FROM (
          SELECT \(columns) FROM projection.\(table) WHERE plan_id = $1 AND generation = $2
          EXCEPT ALL
          SELECT \(columns) FROM projection.\(table) WHERE plan_id = $1 AND generation = $3
        ) AS surplus
        """, [plan, Int32(left.number), Int32(right.number)])
    }
    return try rows.first?.decode(0) ?? 0
  }

  private static func columns(of table: String) -> [String] {
    switch table {
    case "timeline": ReadModelFold.timelineColumns
    case "reports": ReadModelFold.reportColumns
    default: ReadTable.all.first { $0.name == table }?.columns ?? []
    }
  }
}
