internal import EmbeddedPostgres
internal import Foundation
public import Logging
internal import Postgres
internal import Schema

/// Where the ledger lies: the embedded server, or one that the configuration names.
public struct Database: Sendable {
  /// Login of the service.
  public let serviceURL: String
  /// Login of the migrations.
  let migrateURL: String
  let embedded: EmbeddedPostgres?

  /// The login role of the service on the embedded server.
  static let embeddedServiceRole = "federwerk"

  /// Reaches the database, starting the embedded server when none is configured, and calls `body` while it is there.
  ///
  /// When another program of the same home already runs the embedded server, that one is used, unless `isOwn` asks for
  /// one that does not end with another program.
  /// - Parameter isMigrated: whether the embedded server is brought to this build's schema first.
  public static func with<R: Sendable>(
    _ configuration: ServerConfiguration, unsafe: Bool = false, isOwn: Bool = false, isMigrated: Bool = true,
    logger: Logger, _ body: (Database) async throws -> R
  ) async throws -> R {
    if let url = configuration.databaseURL {
      return try await body(Database(serviceURL: url, migrateURL: configuration.migrateURL ?? url, embedded: nil))
    }
    let runtime = RunningServer(home: configuration.home)
    var settings = EmbeddedPostgresConfiguration(home: configuration.home)
    settings.unsafe = unsafe
    do {
      return try await EmbeddedPostgres.withServer(settings, logger: logger) { server in
        let database = Database(
          serviceURL: server.connectionString(user: embeddedServiceRole, database: settings.databaseName),
          migrateURL: server.superuserConnectionString, embedded: server)
        if isMigrated { try await database.migrate(logger: logger) { _ in } }
        try runtime.write(database)
        return try await body(database)
      }
    } catch EmbeddedPostgresError.homeInUse where !isOwn {
      guard let running = runtime.read() else {
        throw ConfigurationProblem(
          "another program with the home \(configuration.home) is just starting or stopping its database; try again in a moment"
        )
      }
      return try await body(running)
    }
  }

  /// Brings the schema to this build's version; on the embedded server also makes the service's login.
  public func migrate(logger: Logger, report: @Sendable (String) -> Void) async throws {
    let settings = PostgresConfiguration(connectionString: migrateURL, statementTimeout: .seconds(3600))
    try await PostgresConnection.withConnection(settings, logger: logger) { connection in
      try await PostgresMigrator().migrate(on: connection, migrations: Migrations.all, report: report)
      if embedded != nil {
        try await connection.execute(
          script: """
            DO $$ BEGIN
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(Self.embeddedServiceRole)') THEN
                CREATE ROLE \(Self.embeddedServiceRole) LOGIN IN ROLE federwerk_app;
              END IF;
              -- The pages of a long log are written whole once after each checkpoint, and the older way of compressing
              -- them takes longer than all the rest of a short append.
              IF EXISTS (SELECT FROM pg_settings WHERE name = 'wal_compression' AND 'lz4' = ANY (enumvals)) THEN
                ALTER ROLE \(Self.embeddedServiceRole) SET wal_compression = 'lz4';
              END IF;
            END $$
            """)
      }
    }
    try await embedded?.allowNewRoles()
  }

  /// Numbers and names of the applied and pending migrations.
  public func migrationStatus(logger: Logger) async throws -> (applied: [String], pending: [String]) {
    let settings = PostgresConfiguration(connectionString: migrateURL)
    return try await PostgresConnection.withConnection(settings, logger: logger) { connection in
      let applied = try await PostgresMigrator().status(on: connection)
      let numbers = Set(applied.map(\.number))
      return (
        applied.map { "\($0.number) \($0.name)" },
        Migrations.all.filter { !numbers.contains($0.number) }.map { "\($0.number) \($0.name)" }
      )
    }
  }
}

/// How other programs of the same home reach the embedded server while it runs.
private struct RunningServer: Sendable {
  private struct Content: Codable {
    let serviceURL: String
    let migrateURL: String
  }

  let path: String

  init(home: String) { path = "\(home)/running-database.json" }

  /// Left behind after a crash it does no harm: it is only read while the home is locked by a running program.
  func write(_ database: Database) throws {
    let content = Content(serviceURL: database.serviceURL, migrateURL: database.migrateURL)
    try JSONEncoder().encode(content).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  func read() -> Database? {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)),
      let content = try? JSONDecoder().decode(Content.self, from: data)
    else { return nil }
    return Database(serviceURL: content.serviceURL, migrateURL: content.migrateURL, embedded: nil)
  }
}
