import Coordination
import EventLogPostgres
import EventSourcing
import PlanSpecification
import Postgres
import ReadModels
import TamperEvidence
import TestDatabases
import Testing

/// A log in a database of its own, which a test lets grow while read models follow it.
struct ReadModelStage: Sendable {
  let database: TestDatabase
  let spec: DeciderSpecification
  /// One for each service, as each server has its own.
  let logs: [PostgresEventLog]
  let services: [ReadModelService]
  private let stored: [(event: StoredEvent, disclosures: [StoredDisclosure])]

  var plan: EntityID { spec.plan.id }
  var size: LogSize { LogSize(Int64(stored.count)) }
  var log: PostgresEventLog { logs[0] }
  var generations: Generations { Generations(log: log, plan: plan) }

  /// Runs the services of one database for the time of the body.
  /// - Parameter inMemory: the plan as each server has it in memory, if it has.
  static func with(
    _ spec: DeciderSpecification = .everything, services count: Int = 1, inMemory: Plan? = nil,
    _ body: @Sendable (ReadModelStage) async throws -> Void
  ) async throws {
    try await withMigratedDatabase { (database: TestDatabase) in
      let logs = (0..<count).map { _ in
        PostgresEventLog(
          configuration: PostgresConfiguration(connectionString: database.serviceConnectionString), logger: testLogger)
      }
      let services = logs.map { ReadModelService(log: $0, currentPlan: { _ in inMemory }, logger: testLogger) }
      let stage = ReadModelStage(
        database: database, spec: spec, logs: logs, services: services,
        stored: spec.storedHistory { MerkleTree.leafHash($0).bytes })
      try await withThrowingTaskGroup(of: Void.self) { group in
        for log in logs { group.addTask { try await log.run() } }
        for service in services { group.addTask { await service.run() } }
        defer { group.cancelAll() }
        try await body(stage)
      }
    }
  }

  /// Runs the services of one more server for the time of the body.
  func withAnotherService(_ body: @Sendable (ReadModelService) async throws -> Void) async throws {
    let log = PostgresEventLog(
      configuration: PostgresConfiguration(connectionString: database.serviceConnectionString), logger: testLogger)
    let service = ReadModelService(log: log, currentPlan: { _ in nil }, logger: testLogger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await log.run() }
      group.addTask { await service.run() }
      defer { group.cancelAll() }
      try await body(service)
    }
  }

  /// Appends what comes next of the history.
  func append(_ range: Range<Int>) async throws {
    let id = LogID(plan: plan)
    var head =
      try await log.head(of: id)
      ?? LogHead(size: .zero, epoch: 1, root: [], frontier: [], origin: "test.example/1", lastRecordedAt: nil)
    let before = head.size
    try #require(before.value == Int64(range.lowerBound))
    var frontier = try MerkleFrontier(size: UInt64(before.value), bytes: head.frontier)
    for (event, _) in stored[range] {
      frontier.append(MerkleTree.leafHash(event.body))
      head.lastRecordedAt = event.recordedAt
    }
    head.size = LogSize(Int64(range.upperBound))
    head.root = frontier.root.bytes
    head.frontier = frontier.bytes
    let batch = AppendBatch(
      log: id, creation: before == .zero ? AppendBatch.Creation(slug: "sample") : nil, expectedSize: before,
      expectedEpoch: 1, newHead: head, events: stored[range].map(\.event),
      disclosures: stored[range].flatMap(\.disclosures), receipts: [])
    guard case .appended = try await log.append(batch) else {
      Testing.Issue.record("the batch was not appended")
      return
    }
  }

  /// Appends all that is left, some events at a time, and waits for the rows of every service after each of the batches
  /// or only at the end.
  func appendAll(by step: Int, waiting: Bool) async throws {
    for start in stride(from: 0, to: stored.count, by: step) {
      try await append(start..<min(start + step, stored.count))
      if waiting || start + step >= stored.count { try await waitForRows() }
    }
  }

  /// Waits until the rows are as new as the log.
  func waitForRows() async throws {
    let size = try #require(try await log.head(of: LogID(plan: plan))?.size)
    for service in services { #expect(await service.wait(for: size, of: plan, timeout: .seconds(60))) }
  }

  /// Expects rows at the head of the log that equal those of a rebuild.
  func expectEqualToRebuild(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let verified = try #require(try await generations.verify { _ in }, sourceLocation: sourceLocation)
    let size = try await log.head(of: LogID(plan: plan))?.size.value
    #expect(verified.size == size, sourceLocation: sourceLocation)
    #expect(verified.differences.isEmpty, "\(verified.differences)", sourceLocation: sourceLocation)
    let left = try await generations.all().count
    #expect(left == 1, "verifying leaves nothing behind", sourceLocation: sourceLocation)
  }

  /// Runs a statement as a login of the database.
  func execute(_ sql: String, as login: String = "postgres") async throws {
    let settings = PostgresConfiguration(connectionString: database.connectionString(user: login))
    try await PostgresConnection.withConnection(settings, logger: testLogger) { try await $0.execute(script: sql) }
  }

  /// The single value of a query, as text.
  func value(_ sql: String, as login: String = "postgres") async throws -> String? {
    let settings = PostgresConfiguration(connectionString: database.connectionString(user: login))
    return try await PostgresConnection.withConnection(settings, logger: testLogger) { connection in
      try await connection.query("SELECT (\(sql))::text").first?.decode(0, as: String?.self) ?? nil
    }
  }
}
