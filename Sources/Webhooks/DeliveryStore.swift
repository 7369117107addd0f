public import EventLogPostgres
public import EventSourcing
internal import Postgres

/// Where it is kept how far deliveries have come.
public protocol DeliveryStore: Sendable {
  func state(of webhook: WebhookID) async throws -> DeliveryState
  /// Keeps where a webhook stands, what was tried and what was set aside, at once; false when a replay began meanwhile,
  /// and then nothing is kept.
  func keep(
    _ state: DeliveryState, attempts: [DeliveryAttempt], parked: [ParkedDelivery], of webhook: WebhookID
  ) async throws -> Bool
  /// The subjects of which something was set aside, and so all that follows.
  func parkedSubjects(of webhook: WebhookID) async throws -> Set<String>
  func parked(of webhook: WebhookID, after position: Position?, limit: Int) async throws -> [ParkedDelivery]
  /// The newest attempts, newest first.
  func attempts(of webhook: WebhookID, limit: Int) async throws -> [DeliveryAttempt]
  /// Begins again from an event, whatever was set aside from there on.
  func replay(_ webhook: WebhookID, from position: Position) async throws
  /// Only one program at a time delivers; whoever comes second waits until the first has ended, however it does. A body
  /// that is no longer the only one is cancelled, and then this throws.
  func whileDelivering(_ body: @escaping @Sendable () async throws -> Void) async throws
}

/// A webhook of a plan.
public struct WebhookID: Hashable, Sendable {
  public let plan: EntityID
  public let id: EntityID

  public init(plan: EntityID, id: EntityID) {
    self.plan = plan
    self.id = id
  }
}

/// The tables of schema `delivery`.
public struct PostgresDeliveryStore: DeliveryStore {
  /// Attempts kept for each webhook.
  static let attemptsMax: Int64 = 10_000

  private let log: PostgresEventLog

  public init(_ log: PostgresEventLog) { self.log = log }

  public func state(of webhook: WebhookID) async throws -> DeliveryState {
    let rows = try await query(
      """
      SELECT next, status, failures, not_before, reason, revision, consent FROM delivery.webhooks
      WHERE plan_id = $1 AND webhook_id = $2
      """, [webhook.plan, webhook.id])
    var state = DeliveryState()
    guard let row = rows.first else { return state }
    state.next = Position(try row.decode(0))
    state.status = DeliveryState.Status(rawValue: try row.decode(1)) ?? .parked
    state.failures = Int(try row.decode(2, as: Int32.self))
    state.notBefore = try row.decode(3, as: PostgresTimestamp?.self).map { Timestamp($0) }
    state.reason = try row.decode(4)
    state.revision = Int(try row.decode(5, as: Int32.self))
    state.consent = try row.decode(6, as: String?.self).flatMap { DeliveryConsent(rate: $0) }
    return state
  }

  public func keep(
    _ state: DeliveryState, attempts: [DeliveryAttempt], parked: [ParkedDelivery], of webhook: WebhookID
  ) async throws -> Bool {
    let rows = try await query(
      """
      WITH kept AS (
        INSERT INTO delivery.webhooks AS w
            (plan_id, webhook_id, next, status, failures, not_before, reason, revision, consent)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $17)
          ON CONFLICT (plan_id, webhook_id) DO UPDATE
            SET next = excluded.next, status = excluded.status, failures = excluded.failures,
                not_before = excluded.not_before, reason = excluded.reason, consent = excluded.consent
            WHERE w.revision = excluded.revision
        RETURNING 1
      ), tried AS (
        INSERT INTO delivery.attempts (plan_id, webhook_id, position, attempted_at, milliseconds, outcome, status)
          SELECT $1, $2, a.position, a.attempted_at, a.milliseconds, a.outcome, a.status
          FROM kept, unnest($9::bigint[], $10::timestamptz[], $11::integer[], $12::text[], $13::integer[])
            AS a (position, attempted_at, milliseconds, outcome, status)
      ), set_aside AS (
        INSERT INTO delivery.parked (plan_id, webhook_id, position, subject, reason)
          SELECT $1, $2, p.position, p.subject, p.reason
          FROM kept, unnest($14::bigint[], $15::text[], $16::text[]) AS p (position, subject, reason)
          ON CONFLICT DO NOTHING
      )
      SELECT count(*) FROM kept
      """,
      [
        webhook.plan, webhook.id, state.next.value, state.status.rawValue, Int32(state.failures),
        state.notBefore.map { PostgresTimestamp($0) }, state.reason, Int32(state.revision),
        PostgresArray(attempts.map(\.position.value)),
        PostgresArray(attempts.map { PostgresTimestamp($0.attemptedAt) }),
        PostgresArray(attempts.map { Int32($0.milliseconds) }), PostgresArray(attempts.map(\.outcome)),
        PostgresArray(attempts.map { $0.status.map { Int32($0) } }), PostgresArray(parked.map(\.position.value)),
        PostgresArray(parked.map(\.subject)), PostgresArray(parked.map(\.reason)), state.consent?.rate,
      ])
    if let last = attempts.last, last.position.value % 1000 == 0 { try await prune(webhook) }
    return try rows.first?.decode(0, as: Int64.self) == 1
  }

  private func prune(_ webhook: WebhookID) async throws {
    _ = try await query(
      """
      DELETE FROM delivery.attempts WHERE plan_id = $1 AND webhook_id = $2 AND number < (
        SELECT number FROM delivery.attempts WHERE plan_id = $1 AND webhook_id = $2
        ORDER BY number DESC OFFSET $3 LIMIT 1)
      """, [webhook.plan, webhook.id, Self.attemptsMax])
  }

  public func parkedSubjects(of webhook: WebhookID) async throws -> Set<String> {
    let rows = try await query(
      "SELECT DISTINCT subject FROM delivery.parked WHERE plan_id = $1 AND webhook_id = $2",
      [webhook.plan, webhook.id])
    return Set(try rows.map { try $0.decode(0) })
  }

  public func parked(of webhook: WebhookID, after position: Position?, limit: Int) async throws -> [ParkedDelivery] {
    let rows = try await query(
      """
      SELECT position, subject, reason FROM delivery.parked
      WHERE plan_id = $1 AND webhook_id = $2 AND position > $3 ORDER BY position LIMIT $4
      """, [webhook.plan, webhook.id, position?.value ?? -1, Int64(limit)])
    return try rows.map {
      ParkedDelivery(position: Position(try $0.decode(0)), subject: try $0.decode(1), reason: try $0.decode(2))
    }
  }

  public func attempts(of webhook: WebhookID, limit: Int) async throws -> [DeliveryAttempt] {
    let rows = try await query(
      """
      SELECT position, attempted_at, milliseconds, outcome, status FROM delivery.attempts
      WHERE plan_id = $1 AND webhook_id = $2 ORDER BY number DESC LIMIT $3
      """, [webhook.plan, webhook.id, Int64(limit)])
    return try rows.map { row in
      DeliveryAttempt(
        position: Position(try row.decode(0)), attemptedAt: Timestamp(try row.decode(1)),
        milliseconds: Int(try row.decode(2, as: Int32.self)), outcome: try row.decode(3),
        status: try row.decode(4, as: Int32?.self).map { Int($0) })
    }
  }

  public func replay(_ webhook: WebhookID, from position: Position) async throws {
    _ = try await query(
      """
      WITH freed AS (
        DELETE FROM delivery.parked WHERE plan_id = $1 AND webhook_id = $2 AND position >= $3
      )
      INSERT INTO delivery.webhooks AS w (plan_id, webhook_id, next, revision) VALUES ($1, $2, $3, 1)
        ON CONFLICT (plan_id, webhook_id) DO UPDATE
          SET next = excluded.next, status = 'active', failures = 0, not_before = NULL, reason = NULL,
              consent = NULL, revision = w.revision + 1
      """, [webhook.plan, webhook.id, position.value])
  }

  public func whileDelivering(_ body: @escaping @Sendable () async throws -> Void) async throws {
    try await log.withLock("federwerk webhooks", body)
  }

  private func query(_ sql: String, _ parameters: [any PostgresEncodable]) async throws -> PostgresRows {
    try await log.deliveryPool.withConnection { try await $0.query(sql, parameters) }
  }
}
