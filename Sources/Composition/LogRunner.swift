internal import EventLogPostgres
internal import ServiceLifecycle

/// The event log as a service: it ends when the group shuts down, after everything that uses it.
struct LogRunner: Service {
  let log: PostgresEventLog

  func run() async throws {
    try await cancelWhenGracefulShutdown { try await log.run() }
  }
}
