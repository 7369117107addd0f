import ArgumentParser
import Composition

struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the database to this build's schema version.",
    discussion: """
      Uses DATABASE_MIGRATE_URL: a login that may create roles and schemas; without it DATABASE_URL. The service itself
      logs in through DATABASE_URL, as a role that needs nothing but membership in federwerk_app (GRANT federwerk_app
      TO …). Without either, the embedded database is meant, which every other command migrates by itself.
      """)

  @Flag(help: "Only show what has been applied and what is pending.") var status = false
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    var configuration = try await ServerConfiguration.load()
    // Whoever names only the login that migrates does not mean the embedded database.
    configuration.databaseURL = configuration.databaseURL ?? configuration.migrateURL
    let logger = Federwerk.logger(configuration)
    let json = json
    try await Database.with(configuration, isMigrated: !status, logger: logger) { database in
      if !status { try await database.migrate(logger: logger) { text in if !json { explain(text) } } }
      let (applied, pending) = try await database.migrationStatus(logger: logger)
      if json { return try sayJSON(["applied": applied, "pending": pending]) }
      for migration in applied { say("applied  \(migration)") }
      for migration in pending { say("pending  \(migration)") }
    }
  }
}
