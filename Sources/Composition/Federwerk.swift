public import EventLogPostgres
public import EventSourcing
public import Feeds
internal import Foundation
public import HTTPAPI
public import Logging
public import PlanService
internal import Postgres
public import ReadModels
internal import Schema
public import Webhooks

/// The parts of one running program, wired together. This module is the only place that does so.
public struct Federwerk: Sendable {
  public let configuration: ServerConfiguration
  public let keys: KeyStore
  public let log: PostgresEventLog
  public let service: PlanService
  public let publisher: CheckpointPublisher
  public let feeds: FeedHub
  public let deliveries: PostgresDeliveryStore
  public let readModels: ReadModelService
  public let tokens: TokenAuthority
  public let highWater: HighWater
  public let logger: Logger

  public init(
    _ configuration: ServerConfiguration, database: Database,
    limits: PlanServiceConfiguration = PlanServiceConfiguration(), logger: Logger
  ) throws {
    self.configuration = configuration
    self.logger = logger
    keys = try KeyStore(home: configuration.home)
    log = PostgresEventLog(
      configuration: PostgresConfiguration(connectionString: database.serviceURL), logger: logger)
    let marks = HighWater(folder: "\(configuration.home)/published")
    highWater = marks
    service = PlanService(
      store: log, commandHash: CommandHash(secret: keys.receiptSecret), highWater: marks,
      originPrefix: configuration.origin, configuration: limits, localTime: Self.localTime, logger: logger)
    let plans = service
    readModels = ReadModelService(log: log, currentPlan: { plans.planInMemory($0) }, logger: logger)
    publisher = CheckpointPublisher(
      service: service, highWater: marks, keys: keys.logKeys, witnessing: try Witnessing(configuration), logger: logger)
    feeds = FeedHub(store: log, now: Self.secondsSince1970, logger: logger)
    deliveries = PostgresDeliveryStore(log)
    tokens = TokenAuthority(secret: keys.tokenSecret)
  }

  @Sendable public static func localTime() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microsecondsSinceEpoch: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  @Sendable public static func secondsSince1970() -> Int { Int(localTime().microsecondsSinceEpoch / 1_000_000) }

  public static func logger(_ configuration: ServerConfiguration) -> Logger {
    var logger = Logger(label: "federwerk") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = configuration.logLevel
    return logger
  }

  /// Runs the log and the plans without a server while `body` works with them: for the command line.
  public func withServices<R: Sendable>(_ body: @Sendable (Federwerk) async throws -> R) async throws -> R {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.log.run() }
      group.addTask { try await self.service.run() }
      defer { group.cancelAll() }
      do { return try await body(self) } catch let trouble as Unavailability {
        throw ConfigurationProblem(Problem(trouble).detail.english)
      }
    }
  }

  /// Refuses a database that could lose an acknowledged command or has other tables than this build knows, and a login
  /// with more rights than the service needs. A server that runs while others are upgraded goes on: only a start is
  /// refused.
  ///
  /// A database that is just starting is waited for as long as a command would wait for a connection.
  public func requireSafeDatabase(unsafe: Bool) async throws {
    let deadline = ContinuousClock.now + log.pool.configuration.acquireTimeout
    while true {
      do { return try await requireSafe(unsafe: unsafe) } catch let failure as EventLogFailure {
        guard failure.kind == .unavailable, .now < deadline else { throw failure }
      }
      try await Task.sleep(for: Self.startPause)
    }
  }

  private static let startPause: Duration = .milliseconds(200)

  private func requireSafe(unsafe: Bool) async throws {
    for concern in try await log.concerns(migrations: Migrations.all) {
      switch concern {
      case .setting where unsafe: logger.warning("\(concern)")
      case .setting, .tooPowerful, .notMigrated, .migratedOtherwise: throw concern
      }
    }
  }
}

extension PlanServiceConfiguration {
  /// For the command line and benchmarks: whoever waits for one answer waits until a long log is loaded.
  public static var patient: PlanServiceConfiguration {
    var limits = PlanServiceConfiguration()
    limits.visibilityTimeout = .seconds(3600)
    return limits
  }
}
