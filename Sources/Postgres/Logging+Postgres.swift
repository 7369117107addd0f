import Logging

/// The keys of everything this module logs, so that none is typed twice.
enum PostgresLogKey: String {
  case attempt = "postgres.attempt"
  case backendPID = "postgres.backend-pid"
  case delay = "postgres.delay"
  case error = "postgres.error"
  case migration = "postgres.migration"
  case notice = "postgres.notice"
  case sqlState = "postgres.sqlstate"
}

extension Logger {
  /// Adds the keys with our prefix.
  func log(
    level: Logger.Level, _ message: Logger.Message, _ metadata: [PostgresLogKey: String]
  ) {
    log(
      level: level, message,
      metadata: Logger.Metadata(uniqueKeysWithValues: metadata.map { ($0.rawValue, .string($1)) }))
  }
}
