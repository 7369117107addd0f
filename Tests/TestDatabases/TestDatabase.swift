internal import EmbeddedPostgres
internal import Foundation
public import Logging
internal import Postgres
internal import Schema
internal import Synchronization

/// A fresh database on the test run's own PostgreSQL, dropped afterwards.
public struct TestDatabase: Sendable {
  public let name: String
  /// A superuser's connection string.
  public let connectionString: String
  /// The connection string of a login that is a member of `federwerk_app` and nothing else.
  public let serviceConnectionString: String

  /// The connection string of another login on the same database.
  public func connectionString(user: String) -> String {
    connectionString.replacingOccurrences(of: "user='postgres'", with: "user='\(user)'")
  }
}

/// Lends an empty database.
public nonisolated(nonsending) func withTestDatabase<R>(
  _ body: (TestDatabase) async throws -> R
) async throws -> R {
  try await lend(isMigrated: false, body)
}

/// Lends a database with the ledger's schema, cloned from a template that was migrated once.
public nonisolated(nonsending) func withMigratedDatabase<R>(
  _ body: (TestDatabase) async throws -> R
) async throws -> R {
  try await lend(isMigrated: true, body)
}

private nonisolated(nonsending) func lend<R>(
  isMigrated: Bool, _ body: (TestDatabase) async throws -> R
) async throws -> R {
  let database = try await TestServer.shared.makeDatabase(isMigrated: isMigrated)
  let result: Result<R, any Error>
  do { result = .success(try await body(database)) } catch { result = .failure(error) }
  try await TestServer.shared.drop(database)
  return try result.get()
}

public let testLogger: Logger = {
  var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
  logger.logLevel = .critical
  return logger
}()

/// The one server of a test run. It is started by the first test that needs it and stopped when the process ends: the
/// script that runs the tests ends what a killed run left behind.
private actor TestServer {
  static let shared = TestServer()

  private static let template = "federwerk_template"
  /// Databases lent at a time: more would only wait for the same two cores, and for connections.
  private static let lentMax = 8
  private var server: Task<Running, any Error>?
  private var count = 0
  private var lent = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []

  struct Running: Sendable {
    let superuser: String
    let service: String

    func connectionString(_ base: String, database: String) -> String {
      base.replacingOccurrences(of: "dbname='federwerk'", with: "dbname='\(database)'")
    }
  }

  func makeDatabase(isMigrated: Bool) async throws -> TestDatabase {
    if lent >= Self.lentMax {
      await withCheckedContinuation { waiting.append($0) }
    } else {
      lent += 1
    }
    let running = try await start()
    count += 1
    let name = "test_\(count)"
    let source = isMigrated ? " TEMPLATE \(Self.template)" : ""
    try await Self.execute("CREATE DATABASE \(name)\(source)", running.superuser)
    return TestDatabase(
      name: name, connectionString: running.connectionString(running.superuser, database: name),
      serviceConnectionString: running.connectionString(running.service, database: name))
  }

  func drop(_ database: TestDatabase) async throws {
    // The place goes to the next in line, or becomes free.
    defer { if waiting.isEmpty { lent -= 1 } else { waiting.removeFirst().resume() } }
    try await Self.execute("DROP DATABASE \(database.name) WITH (FORCE)", start().superuser)
  }

  private func start() async throws -> Running {
    if let server { return try await server.value }
    // The server outlives the test that needs it first, so it cannot be a child of that test's task.
    let task = Task { try await Self.launch() }
    server = task
    return try await task.value
  }

  private static func launch() async throws -> Running {
    let home = ProcessInfo.processInfo.environment["FEDERWERK_TEST_HOME"] ?? NSTemporaryDirectory()
    var configuration = EmbeddedPostgresConfiguration(
      home: "\(home)/integration-\(ProcessInfo.processInfo.processIdentifier)")
    configuration.unsafe = true
    configuration.settings["max_connections"] = "200"
    let (started, signal) = AsyncThrowingStream.makeStream(of: Running.self)
    let settings = configuration
    Task {
      do {
        try await EmbeddedPostgres.withServer(settings, logger: testLogger) { server in
          try await prepare(server)
          signal.yield(
            Running(
              superuser: server.superuserConnectionString,
              service: server.connectionString(user: "test_service", database: settings.databaseName)))
          try await server.waitForExit()
        }
      } catch {
        signal.finish(throwing: error)
      }
    }
    for try await running in started { return running }
    throw CancellationError()
  }

  private static func prepare(_ server: EmbeddedPostgres) async throws {
    let superuser = server.superuserConnectionString
    try await execute("CREATE DATABASE \(template)", superuser)
    let settings = PostgresConfiguration(
      connectionString: server.connectionString(user: EmbeddedPostgres.superuser, database: template))
    try await PostgresConnection.withConnection(settings, logger: testLogger) { connection in
      try await PostgresMigrator().migrate(on: connection, migrations: Migrations.all) { _ in }
      for (login, role) in [
        ("test_service", "federwerk_app"), ("test_auditor", "federwerk_auditor"), ("test_reader", "federwerk_reader"),
      ] {
        try await connection.execute(script: "CREATE ROLE \(login) LOGIN IN ROLE \(role)")
      }
    }
    try await server.allowNewRoles()
  }

  private static func execute(_ sql: String, _ connectionString: String) async throws {
    try await PostgresConnection.withConnection(
      PostgresConfiguration(connectionString: connectionString), logger: testLogger
    ) { try await $0.execute(script: sql) }
  }
}
