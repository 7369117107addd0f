public import EventLogPostgres
public import EventSourcing
internal import Postgres

/// A named consumer of a feed.
public struct ConsumerID: Hashable, Sendable {
  public let log: LogID
  public let name: String

  public init(log: LogID, name: String) {
    self.log = log
    self.name = name
  }
}

/// Where it is kept how far consumers have come.
public protocol ConsumerStore: Sendable {
  /// The names of a feed's consumers, in order.
  func names(of log: LogID) async throws -> [String]
  /// Begins one; false when there is one of that name.
  func create(_ consumer: ConsumerID, at position: Position) async throws -> Bool
  /// Forgets one and all about it; false when there is none.
  func delete(_ consumer: ConsumerID) async throws -> Bool
  /// Where one stands, and what time it is for the store, by which all servers judge leases; nil when there is none.
  func state(of consumer: ConsumerID) async throws -> (state: ConsumerState, now: Timestamp)?
  /// Keeps a change and what was set aside by it, at once; false when somebody else changed the state since it was
  /// read, and then nothing is kept.
  /// - Parameter freed: from where on nothing counts as set aside any more.
  func keep(
    _ after: ConsumerState, changedFrom before: ConsumerState, setAside: [SetAsideEvent], freeingFrom freed: Position?,
    of consumer: ConsumerID
  ) async throws -> Bool
  /// The subjects of which something was parked, each with the first event that was: all that follows it is parked too.
  func parkedSubjects(of consumer: ConsumerID) async throws -> [String: Position]
  /// What was set aside, the newest event first.
  func setAside(of consumer: ConsumerID, limit: Int) async throws -> [SetAsideEvent]
}

/// The tables `delivery.consumers`, `consumer_events` and `set_aside`.
public struct PostgresConsumerStore: ConsumerStore {
  private let log: PostgresEventLog

  public init(_ log: PostgresEventLog) { self.log = log }

  public func names(of log: LogID) async throws -> [String] {
    let rows = try await query(
      "SELECT name FROM delivery.consumers WHERE plan_id = $1 AND log_id = $2 ORDER BY name", [log.plan, log.name])
    return try rows.map { try $0.decode(0) }
  }

  public func create(_ consumer: ConsumerID, at position: Position) async throws -> Bool {
    let rows = try await query(
      """
      INSERT INTO delivery.consumers (plan_id, log_id, name, next, revision) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING RETURNING 1
      """, key(consumer) + [position.value, Int64.random(in: 0..<(1 << 52))])
    return rows.first != nil
  }

  public func delete(_ consumer: ConsumerID) async throws -> Bool {
    let rows = try await query(
      "DELETE FROM delivery.consumers WHERE plan_id = $1 AND log_id = $2 AND name = $3 RETURNING 1", key(consumer))
    return rows.first != nil
  }

  public func state(of consumer: ConsumerID) async throws -> (state: ConsumerState, now: Timestamp)? {
    // Read apart from each other: a change between the two has raised the revision, and nothing made of them is kept.
    let heads = try await query(
      """
      SELECT next, revision, clock_timestamp() FROM delivery.consumers
      WHERE plan_id = $1 AND log_id = $2 AND name = $3
      """, key(consumer))
    guard let head = heads.first else { return nil }
    let rows = try await query(
      """
      SELECT position, subject, status, lease_id, worker, until, failures, reason FROM delivery.consumer_events
      WHERE plan_id = $1 AND log_id = $2 AND name = $3
      """, key(consumer))
    var entries: [Position: ConsumerState.Entry] = [:]
    for row in rows {
      let until = try row.decode(5, as: PostgresTimestamp?.self).map { Timestamp($0) }
      let status: ConsumerState.Entry.Status
      if try row.decode(2, as: String.self) == "done" {
        status = .done
      } else if let lease = try row.decode(3, as: EntityID?.self), let worker = try row.decode(4, as: String?.self) {
        status = .leased(.init(id: lease, worker: worker, until: until ?? .distantPast))
      } else {
        status = .waiting(until: until ?? .distantPast)
      }
      entries[Position(try row.decode(0))] = ConsumerState.Entry(
        subject: try row.decode(1), status: status, failures: Int(try row.decode(6, as: Int32.self)),
        reason: try row.decode(7))
    }
    let state = ConsumerState(
      next: Position(try head.decode(0)), entries: entries, revision: Int(try head.decode(1, as: Int64.self)))
    return (state, Timestamp(try head.decode(2)))
  }

  public func keep(
    _ after: ConsumerState, changedFrom before: ConsumerState, setAside: [SetAsideEvent], freeingFrom freed: Position?,
    of consumer: ConsumerID
  ) async throws -> Bool {
    let gone = before.entries.keys.filter { after.entries[$0] == nil }
    let changed = after.entries.filter { before.entries[$0.key] != $0.value }.sorted { $0.key < $1.key }
    let rows = try await query(
      """
      WITH kept AS (
        UPDATE delivery.consumers SET next = $4, revision = revision + 1
          WHERE plan_id = $1 AND log_id = $2 AND name = $3 AND revision = $5
          RETURNING 1
      ), gone AS (
        DELETE FROM delivery.consumer_events e USING kept
          WHERE e.plan_id = $1 AND e.log_id = $2 AND e.name = $3 AND e.position = ANY ($6)
      ), changed AS (
        INSERT INTO delivery.consumer_events AS e
            (plan_id, log_id, name, position, subject, status, lease_id, worker, until, failures, reason)
          SELECT $1, $2, $3, c.position, c.subject, c.status, c.lease_id, c.worker, c.until, c.failures, c.reason
          FROM kept, unnest($7::bigint[], $8::text[], $9::text[], $10::uuid[], $11::text[], $12::timestamptz[],
            $13::integer[], $14::text[]) AS c (position, subject, status, lease_id, worker, until, failures, reason)
          ON CONFLICT (plan_id, log_id, name, position) DO UPDATE
            SET status = excluded.status, lease_id = excluded.lease_id, worker = excluded.worker,
                until = excluded.until, failures = excluded.failures, reason = excluded.reason
      ), freed AS (
        DELETE FROM delivery.set_aside s USING kept
          WHERE s.plan_id = $1 AND s.log_id = $2 AND s.name = $3 AND s.position >= $15
      ), set_aside AS (
        INSERT INTO delivery.set_aside (plan_id, log_id, name, position, subject, outcome, reason)
          SELECT $1, $2, $3, s.position, s.subject, s.outcome, s.reason
          FROM kept, unnest($16::bigint[], $17::text[], $18::text[], $19::text[])
            AS s (position, subject, outcome, reason)
          ON CONFLICT DO NOTHING
      )
      SELECT count(*) FROM kept
      """,
      key(consumer) + [
        after.next.value, Int64(before.revision), PostgresArray(gone.map(\.value)),
        PostgresArray(changed.map(\.key.value)), PostgresArray(changed.map(\.value.subject)),
        PostgresArray(changed.map { $0.value.status.name }), PostgresArray(changed.map { $0.value.status.lease?.id }),
        PostgresArray(changed.map { $0.value.status.lease?.worker }),
        PostgresArray(changed.map { $0.value.status.until.map { PostgresTimestamp($0) } }),
        PostgresArray(changed.map { Int32($0.value.failures) }), PostgresArray(changed.map(\.value.reason)),
        freed?.value ?? Int64.max, PostgresArray(setAside.map(\.position.value)),
        PostgresArray(setAside.map(\.subject)), PostgresArray(setAside.map(\.outcome.rawValue)),
        PostgresArray(setAside.map(\.reason)),
      ])
    return try rows.first?.decode(0, as: Int64.self) == 1
  }

  public func parkedSubjects(of consumer: ConsumerID) async throws -> [String: Position] {
    let rows = try await query(
      """
      SELECT subject, min(position) FROM delivery.set_aside
      WHERE plan_id = $1 AND log_id = $2 AND name = $3 AND outcome = 'parked' GROUP BY subject
      """, key(consumer))
    var first: [String: Position] = [:]
    for row in rows { first[try row.decode(0, as: String.self)] = Position(try row.decode(1)) }
    return first
  }

  public func setAside(of consumer: ConsumerID, limit: Int) async throws -> [SetAsideEvent] {
    let rows = try await query(
      """
      SELECT position, subject, outcome, reason FROM delivery.set_aside
      WHERE plan_id = $1 AND log_id = $2 AND name = $3 ORDER BY position DESC LIMIT $4
      """, key(consumer) + [Int64(limit)])
    return try rows.map { row in
      SetAsideEvent(
        position: Position(try row.decode(0)), subject: try row.decode(1),
        outcome: SetAsideEvent.Outcome(rawValue: try row.decode(2)) ?? .parked, try row.decode(3))
    }
  }

  private func key(_ consumer: ConsumerID) -> [any PostgresEncodable] {
    [consumer.log.plan, consumer.log.name, consumer.name]
  }

  private func query(_ sql: String, _ parameters: [any PostgresEncodable]) async throws -> PostgresRows {
    try await log.deliveryPool.withConnection { try await $0.query(sql, parameters) }
  }
}

extension ConsumerState.Entry.Status {
  fileprivate var name: String {
    switch self {
    case .leased: "leased"
    case .waiting: "waiting"
    case .done: "done"
    }
  }

  fileprivate var lease: ConsumerState.Lease? { if case .leased(let lease) = self { lease } else { nil } }

  fileprivate var until: Timestamp? {
    switch self {
    case .leased(let lease): lease.until
    case .waiting(let until): until
    case .done: nil
    }
  }
}

extension Timestamp {
  /// Before everything, for a row that somebody spoilt: what it holds is handed out again.
  fileprivate static let distantPast = Timestamp(microsecondsSinceEpoch: 0)
}
