internal import EventLogPostgres
internal import ReadModels
internal import ServiceLifecycle

/// The event log as a service: it ends when the group shuts down, after everything that uses it.
struct LogRunner: Service {
  let log: PostgresEventLog

  func run() async throws {
    try await cancelWhenGracefulShutdown { try await log.run() }
  }
}

/// The read models as a service: they end with the group, at a row boundary that the next start goes on from.
struct ReadModelRunner: Service {
  let models: ReadModelService

  func run() async throws { await cancelWhenGracefulShutdown { await models.run() } }
}
