import Glibc
import Logging
import Postgres
import TestDatabases
import Testing

let quietLogger = Logger(label: "postgres.tests") { _ in SwiftLogNoOpLogHandler() }

extension PostgresConfiguration {
  init(_ database: TestDatabase) {
    self.init(connectionString: database.connectionString)
  }
}

/// A fresh database and one connection to it.
func withTestConnection<R: Sendable>(
  _ adjust: @Sendable (inout PostgresConfiguration) -> Void = { _ in },
  _ body: @Sendable (TestDatabase, PostgresConnection) async throws -> R
) async throws -> R {
  try await withTestDatabase { (database: TestDatabase) in
    var configuration = PostgresConfiguration(database)
    adjust(&configuration)
    return try await PostgresConnection.withConnection(configuration, logger: quietLogger) { connection in
      try await body(database, connection)
    }
  }
}

/// A fresh database and a running pool on it.
func withTestPool<R: Sendable>(
  _ adjust: @Sendable (inout PostgresConfiguration) -> Void = { _ in },
  _ body: @Sendable (TestDatabase, PostgresPool) async throws -> R
) async throws -> R {
  try await withTestDatabase { (database: TestDatabase) in
    var configuration = PostgresConfiguration(database)
    adjust(&configuration)
    let pool = PostgresPool(configuration: configuration, logger: quietLogger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await pool.run() }
      let result = try await body(database, pool)
      group.cancelAll()
      return result
    }
  }
}

/// A server on this machine that takes connections and never says a word; the body gets its port.
func withSilentServer(_ body: (UInt16) async throws -> Void) async throws {
  let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  try #require(listener >= 0)
  defer { close(listener) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) { address in
    address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
      bind(listener, address, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, address, &length) == 0
    }
  }
  try #require(isBound)
  try await body(UInt16(bigEndian: address.sin_port))
}

/// Asks another session until the condition, an SQL expression, holds.
func waitUntil(_ database: TestDatabase, _ condition: String) async throws {
  try await PostgresConnection.withConnection(PostgresConfiguration(database), logger: quietLogger) { observer in
    while try await observer.query("SELECT (\(condition))").first?.decode(0, as: Bool.self) != true {}
  }
}

/// Somebody waits for a lock or sleeps in this database.
let somebodyWaits = """
  EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND state = 'active' AND (wait_event_type = 'Lock' OR wait_event = 'PgSleep'))
  """

/// The connection answers, and with the answer to what was asked.
func expectUsable(_ connection: PostgresConnection, sourceLocation: SourceLocation = #_sourceLocation) async throws {
  let number = Int.random(in: 0..<1_000_000)
  let answer = try await connection.query("SELECT $1", [number])[0].decode(0, as: Int.self)
  #expect(answer == number, sourceLocation: sourceLocation)
}

/// The error a call throws, if it is one of this module's.
func postgresError(_ body: () async throws -> Void) async -> PostgresError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? PostgresError
  }
}

extension PostgresError.Kind {
  var name: String {
    switch self {
    case .invalidConfiguration: "invalidConfiguration"
    case .connectionFailed: "connectionFailed"
    case .connectionLost: "connectionLost"
    case .server: "server"
    case .timeout(let deadline): "timeout \(deadline)"
    case .cancelled: "cancelled"
    case .poolExhausted: "poolExhausted"
    case .poolTimeout: "poolTimeout"
    case .poolClosed: "poolClosed"
    case .protocolViolation: "protocolViolation"
    case .transaction: "transaction"
    case .decoding: "decoding"
    case .encoding: "encoding"
    case .migration: "migration"
    }
  }
}
