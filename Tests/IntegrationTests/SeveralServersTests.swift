import Coordination
import EventLogPostgres
import EventSourcing
import HangLimit
import PlanService
import Postgres
import TestDatabases
import Testing

/// Two and three servers on one database: one order, contiguous, every caller answered correctly.
@Suite(.hangLimit) struct SeveralServersTests {
  @Test(arguments: [2, 3])
  func `servers on one database share one order`(serverCount: Int) async throws {
    try await withMigratedDatabase { database in
      try await withServices(serverCount, database) { services in
        let plan = EntityID(millisecondsSinceEpoch: 1, randomHigh: 1, randomLow: UInt64(serverCount))
        let created = await services[0].create(try create("shared"), plan: plan)
        guard case .done = created else {
          Testing.Issue.record("\(created)")
          return
        }
        let perServer = 150
        let positions = try await withThrowingTaskGroup(of: [Int64].self) { group in
          for (index, service) in services.enumerated() {
            group.addTask {
              try await withThrowingTaskGroup(of: Int64.self) { callers in
                for number in 0..<perServer {
                  callers.addTask { try await raise(on: service, plan, "server-\(index)-\(number)") }
                }
                return try await callers.reduce(into: []) { $0.append($1) }
              }
            }
          }
          return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(positions.sorted() == Array(1...Int64(serverCount * perServer)))
        try await expectSameView(services, plan, size: LogSize(Int64(serverCount * perServer + 1)))
      }
    }
  }

  private func create(_ slug: String) throws -> CommandRequest {
    let command = CreatePlan(slug: try Slug(slug, field: "slug"), title: try Label("Probe", field: "title"))
    return CommandRequest(
      actor: PlanActor(id: .system("test"), role: .system), key: "create", commands: [RequestedCommand(command)],
      canonicalBody: command.canonicalBody)
  }

  private func raise(on service: PlanService, _ plan: EntityID, _ key: String) async throws -> Int64 {
    let body = try JSONParser.parse(Array(#"{"kind":"question","text":"Frage \#(key)"}"#.utf8))
    let command = try RaiseIssue.record.read(body)
    let request = CommandRequest(
      actor: PlanActor(id: .system("test"), role: .coordinator), key: key, commands: [RequestedCommand(command)],
      canonicalBody: body.canonicalBytes)
    let answer = await service.submit(request, to: plan)
    guard case .done(let bytes, _) = answer else {
      Testing.Issue.record("\(key): \(answer)")
      return -1
    }
    // The same key on the same plan gets the first answer, whichever server is asked.
    let again = await service.submit(request, to: plan)
    guard case .done(bytes, _) = again else {
      Testing.Issue.record("\(key) again: \(again)")
      return -1
    }
    return try JSONParser.parse(bytes)["events"]?.array?.first?["position"]?.integer ?? -1
  }

  private func expectSameView(_ services: [PlanService], _ plan: EntityID, size: LogSize) async throws {
    for service in services {
      let snapshot = try await service.snapshot(of: plan, positionMin: size.lastPosition)
      #expect(snapshot.plan.size == size)
      #expect(snapshot.plan.issues.count == Int(size.value) - 1)
      #expect(snapshot.head == (try await services[0].snapshot(of: plan, positionMin: size.lastPosition)).head)
    }
  }

  private func withServices(
    _ count: Int, _ database: TestDatabase, _ body: @Sendable ([PlanService]) async throws -> Void
  ) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    let logs = (0..<count).map { _ in
      PostgresEventLog(
        configuration: PostgresConfiguration(connectionString: database.serviceConnectionString), logger: testLogger)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for log in logs { group.addTask { try await log.run() } }
      defer { group.cancelAll() }
      let base = try await logs[0].storeTime()
      let localTime: @Sendable () -> Timestamp = {
        base.advanced(byMicroseconds: Int64((clock.now - start) / .microseconds(1)))
      }
      let services = logs.map {
        PlanService(
          store: $0, commandHash: CommandHash(secret: Array(repeating: 7, count: 32)),
          highWater: HighWater(folder: nil), originPrefix: "test.example", localTime: localTime, logger: testLogger)
      }
      for service in services { group.addTask { try await service.run() } }
      try await body(services)
    }
  }
}
