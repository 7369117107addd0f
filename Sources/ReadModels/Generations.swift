internal import Coordination
public import EventLogPostgres
public import EventSourcing
internal import Postgres
internal import Projections

/// How far a set of rows has read its log.
public struct Generation: Sendable, Codable {
  public let number: Int
  public let isCurrent: Bool
  public let foldVersion: Int
  public let size: Int64

  /// Raised when rows are made in another way: the next start writes a new generation.
  static let foldVersion = Plan.foldVersion * 100 + 5

  /// Whether an older program made the rows. Those of a newer one are left to it.
  var isOutdated: Bool { foldVersion < Self.foldVersion }
}

/// A table in which the rows that are served differ from those that the log gives.
public struct ReadModelDifference: Sendable, Codable {
  public let table: String
  /// Rows that the log gives and the table lacks.
  public let missing: Int64
  /// Rows that the table has and the log does not give.
  public let surplus: Int64
}

/// The generations of one plan's read models.
public struct Generations: Sendable {
  static let tables = ReadTable.all.map(\.name) + ["timeline", "reports"]

  let log: PostgresEventLog
  let plan: EntityID

  public init(log: PostgresEventLog, plan: EntityID) {
    self.log = log
    self.plan = plan
  }

  public func all() async throws -> [Generation] {
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

  public func current() async throws -> Generation? { try await all().first(where: \.isCurrent) }

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

  /// Writes the whole log into a new generation, a page at a time, and serves that instead of the one before: memory
  /// holds the plan and one page.
  /// - Parameter progress: called after each page with the number of events read.
  public func rebuild(progress: @escaping @Sendable (Int64) -> Void) async throws {
    try await exclusively { try await replace(progress: progress) }
  }

  /// Rebuilds unless another server has done so, or does so meanwhile.
  func rebuildWhereNeeded() async throws {
    try await exclusively {
      if let current = try await current(), !current.isOutdated { return }
      try await replace { _ in }
    }
  }

  private func replace(progress: @Sendable (Int64) -> Void) async throws {
    let generation = try await withNewGeneration { generation in
      let fold = try await history(of: generation, through: .max, progress: progress)
      return try await log.projectionPool.withTransaction { connection in
        try await finish(generation, fold, on: connection)
      }
    }
    try await makeCurrent(generation)
  }

  /// Generations are made, compared and removed by one program at a time.
  private func exclusively<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
    try await log.withLock("federwerk.generations.\(plan)", body)
  }

  /// Writes the rows anew beside the ones that are served, compares both and removes the new ones.
  ///
  /// The rows that are served may be written on meanwhile: only for the comparison they stand still.
  /// - Parameter progress: called after each page with the number of events read.
  /// - Returns: the tables that differ, and the size of the log at which; nil when there are no rows yet.
  public func verify(
    progress: @escaping @Sendable (Int64) -> Void
  ) async throws -> (size: Int64, differences: [ReadModelDifference])? {
    try await exclusively { try await compare(progress: progress) }
  }

  private func compare(
    progress: @Sendable (Int64) -> Void
  ) async throws -> (size: Int64, differences: [ReadModelDifference])? {
    guard let current = try await current() else { return nil }
    return try await withNewGeneration { generation in
      let fold = try await history(of: generation, through: current.size, progress: progress)
      let result = try await log.projectionPool.withTransaction { connection in
        let locked = try await connection.query(
          "SELECT generation, size FROM projection.generations WHERE plan_id = $1 AND is_current FOR UPDATE", [plan])
        guard let row = locked.first else { throw ReadModelFailure.overtaken }
        let served: (number: Int32, size: Int64) = (try row.decode(0), try row.decode(1))
        guard served.size >= fold.plan.size.value else { throw ReadModelFailure.overtaken }
        var level = fold
        try await read(through: served.size, into: &level, progress: progress) { fold in
          try await fold.takeLog().write(of: plan, generation: generation.number, on: connection)
        }
        let rebuilt = try await finish(generation, level, on: connection)
        return (served.size, try await differences(between: served.number, and: Int32(rebuilt.number), on: connection))
      }
      try await drop(generation)
      return result
    }
  }

  /// Begins a generation and removes it again when the body fails; those that a killed program left behind go first.
  private func withNewGeneration<R>(_ body: (Generation) async throws -> R) async throws -> R {
    guard try await log.head(of: LogID(plan: plan)) != nil else { throw ReadModelFailure.unknownPlan(plan) }
    // Before the others go: who still writes into one of them, having lost the lock, must not find its number again.
    let generation = try await begin()
    do {
      try await dropAll { !$0.isCurrent && $0.number != generation.number }
      return try await body(generation)
    } catch {
      try? await drop(generation)
      throw error
    }
  }

  /// Writes what each event adds, a page in each transaction, while the next page is folded; the state of the subjects
  /// stays to be written.
  private func history(
    of generation: Generation, through size: Int64, progress: @Sendable (Int64) -> Void
  ) async throws -> ReadModelFold {
    var fold = ReadModelFold(Plan(id: plan))
    try await withThrowingTaskGroup(of: Void.self) { group in
      try await read(through: size, into: &fold, progress: progress) { fold in
        let rows = fold.takeLog()
        // One page is written at a time, so that no more than two wait in memory.
        try await group.next()
        group.addTask {
          try await log.projectionPool.withTransaction { connection in
            // Durable with the commit that finishes the generation; what a crash before it leaves is nobody's, and goes
            // when the next generation is begun.
            _ = try await connection.query("SET LOCAL synchronous_commit = off")
            try await requireKept(generation, on: connection)
            try await rows.write(of: plan, generation: generation.number, on: connection)
          }
        }
      }
      try await group.waitForAll()
    }
    return fold
  }

  /// Keeps a generation from being removed until the transaction ends, so that no rows outlive it.
  private func requireKept(_ generation: Generation, on connection: PostgresConnection) async throws {
    let kept = try await connection.query(
      "SELECT generation FROM projection.generations WHERE plan_id = $1 AND generation = $2 FOR KEY SHARE",
      [plan, Int32(generation.number)])
    guard kept.first != nil else { throw ReadModelFailure.overtaken }
  }

  private static let pageSize = 2_000

  private func read(
    through size: Int64, into fold: inout ReadModelFold, progress: @Sendable (Int64) -> Void,
    write: (inout ReadModelFold) async throws -> Void
  ) async throws {
    try await log.forEachPage(
      of: LogID(plan: plan), from: fold.plan.size.nextPosition, through: Position(size - 1), pageSize: Self.pageSize,
      reading: PreparedEvent.init, failing: { $0 as any Error }
    ) { page in
      for event in page { try fold.apply(event) }
      try await write(&fold)
      progress(fold.plan.size.value)
      return true
    }
  }

  /// Writes the state of every subject, and how far the generation has come.
  private func finish(
    _ generation: Generation, _ fold: ReadModelFold, on connection: PostgresConnection
  ) async throws -> Generation {
    var whole = fold
    try await whole.writeAll(generation: generation.number, on: connection)
    let size = whole.plan.size.value
    let known = try await connection.query(
      """
      UPDATE projection.generations SET size = $3, updated_at = clock_timestamp(), simulated = $4
      WHERE plan_id = $1 AND generation = $2 RETURNING size
      """, [plan, Int32(generation.number), size, whole.plan.isSimulated])
    guard known.first != nil else { throw ReadModelFailure.overtaken }
    return Generation(
      number: generation.number, isCurrent: false, foldVersion: generation.foldVersion, size: size)
  }

  /// Makes a generation the one that is served, and removes the others.
  private func makeCurrent(_ generation: Generation) async throws {
    try await log.projectionPool.withTransaction { connection in
      _ = try await connection.query(
        "UPDATE projection.generations SET is_current = false WHERE plan_id = $1 AND is_current", [plan])
      let made = try await connection.query(
        """
        UPDATE projection.generations SET is_current = true
        WHERE plan_id = $1 AND generation = $2 RETURNING generation
        """, [plan, Int32(generation.number)])
      guard made.first != nil else { throw ReadModelFailure.overtaken }
    }
    try await dropAll { $0.number != generation.number }
  }

  private func dropAll(where isUnwanted: (Generation) -> Bool) async throws {
    for generation in try await all() where isUnwanted(generation) { try await drop(generation) }
  }

  private func drop(_ generation: Generation) async throws {
    try await log.projectionPool.withTransaction { connection in
      // Their generation first: it waits for whoever is writing rows of it, and then there are no others.
      for table in ["generations"] + Self.tables {
        _ = try await connection.query(
          "DELETE FROM projection.\(table) WHERE plan_id = $1 AND generation = $2", [plan, Int32(generation.number)])
      }
    }
  }

  /// Compares the rows of two generations.
  private func differences(
    between left: Int32, and right: Int32, on connection: PostgresConnection
  ) async throws -> [ReadModelDifference] {
    var differences: [ReadModelDifference] = []
    for table in Self.tables {
      let surplus = try await count(in: table, of: left, notIn: right, on: connection)
      let missing = try await count(in: table, of: right, notIn: left, on: connection)
      if surplus + missing > 0 {
        differences.append(ReadModelDifference(table: table, missing: missing, surplus: surplus))
      }
    }
    return differences
  }

  private func count(
    in table: String, of left: Int32, notIn right: Int32, on connection: PostgresConnection
  ) async throws -> Int64 {
    let columns = Self.columns(of: table).joined(separator: ", ")
    let rows = try await connection.query(
      """
      SELECT count(*) FROM (
        SELECT \(columns) FROM projection.\(table) WHERE plan_id = $1 AND generation = $2
        EXCEPT ALL
        SELECT \(columns) FROM projection.\(table) WHERE plan_id = $1 AND generation = $3
      ) AS surplus
      """, [plan, left, right])
    return try rows.first?.decode(0) ?? 0
  }

  private static func columns(of table: String) -> [String] {
    switch table {
    case "timeline": LogRows.timelineColumns
    case "reports": LogRows.reportColumns
    default: ReadTable.all.first { $0.name == table }?.columns ?? []
    }
  }
}
