internal import EventLogPostgres
public import EventSourcing
internal import Postgres
public import Projections

/// The audit timeline from its rows.
public struct StoredTimeline: TimelineSource {
  private let models: ReadModelService
  private let timeout: Duration

  /// - Parameter timeout: how long a reader waits for rows that are as new as the log.
  public init(_ models: ReadModelService, timeout: Duration) {
    self.models = models
    self.timeout = timeout
  }

  public func page(
    of plan: EntityID, through last: Position, matching query: TimelineQuery
  ) async throws -> TimelinePage? {
    guard await models.wait(for: last.sizeIncluding, of: plan, timeout: timeout) else { return nil }
    var parameters: [any PostgresEncodable] = [plan, last.value]
    var conditions = ["t.plan_id = $1", "t.position <= $2"]
    func add(_ condition: (String) -> String, _ value: any PostgresEncodable) {
      parameters.append(value)
      conditions.append(condition("$\(parameters.count)"))
    }
    if let subject = query.subject { add({ "t.subject_id = \($0)" }, subject) }
    if let actor = query.actor { add({ "t.actor = \($0)" }, actor.description) }
    if let institution = query.institution { add({ "t.institutions @> ARRAY[\($0)::uuid]" }, institution) }
    if let type = query.type { add({ "t.type = \($0)" }, type) }
    switch query.from {
    case .position(let position)?: add({ "t.position >= \($0)" }, position.value)
    case .recordedAt(let time)?: add({ "t.recorded_at >= \($0)" }, PostgresTimestamp(time))
    case nil: break
    }
    switch query.to {
    case .position(let position)?: add({ "t.position <= \($0)" }, position.value)
    case .recordedAt(let time)?: add({ "t.recorded_at <= \($0)" }, PostgresTimestamp(time))
    case nil: break
    }
    let comparison = query.isNewestFirst ? "<" : ">"
    if let cursor = query.cursor { add({ "t.position \(comparison) \($0)" }, cursor.value) }
    parameters.append(Int64(query.limit + 1))
    let (read, rows) = try await models.log.projectionPool.withTransaction(
      isolation: .repeatableRead, readOnly: true
    ) { connection in
      let current = try await connection.query(
        "SELECT size FROM projection.generations WHERE plan_id = $1 AND is_current", [plan])
      let rows = try await connection.query(
        """
        SELECT t.position, t.type, t.subject, t.recorded_at, t.effective_date, t.actor, t.on_behalf_of, t.sentence_de,
          t.sentence_en, t.changes, t.simulated
        FROM projection.timeline t
        JOIN projection.generations g ON g.plan_id = t.plan_id AND g.generation = t.generation AND g.is_current
        WHERE \(conditions.joined(separator: " AND "))
        ORDER BY t.position \(query.isNewestFirst ? "DESC" : "ASC") LIMIT $\(parameters.count)
        """, parameters)
      return (try current.first?.decode(0, as: Int64.self) ?? 0, rows)
    }
    // A generation that was just put in place may still have to catch up with the one before it.
    guard read >= last.sizeIncluding.value else { return nil }
    let entries = try rows.map { try Self.entry($0) }
    let page = entries.prefix(query.limit)
    return TimelinePage(
      entries: page.map(\.json), next: entries.count > query.limit ? page.last?.position : nil)
  }

  private static func entry(_ row: PostgresRow) throws -> (position: Position, json: JSON) {
    let position: Int64 = try row.decode(0)
    let recordedAt: PostgresTimestamp = try row.decode(3)
    let effectiveDate: PostgresDate = try row.decode(4)
    var members: [JSON.Member] = [
      .init("position", .integer(position)), .init("type", .string(try row.decode(1))),
      .init("subject", .string(try row.decode(2))),
      .init("recordedAt", .string(Timestamp(recordedAt).description)),
      .init("effectiveDate", .string(LocalDate(daysSinceEpoch: effectiveDate.daysSinceUnixEpoch).description)),
      .init("actor", .string(try row.decode(5))),
      .init("onBehalfOf", try row.decode(6, as: String?.self).map { .string($0) } ?? .null),
      .init("summary", ["de": .string(try row.decode(7)), "en": .string(try row.decode(8))]),
      .init("changes", try JSONParser.parse(Array(try row.decode(9, as: String.self).utf8))),
    ]
    if try row.decode(10, as: Bool.self) {
      members += [.init("recordedSource", "simulation"), .init("simulated", true)]
    }
    return (Position(position), .object(members))
  }
}
