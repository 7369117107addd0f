import ArgumentParser
import Composition

struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the database to this build's schema version.",
    discussion: """
      Uses DATABASE_MIGRATE_URL: a login that may create roles and schemas. The service itself logs in through DATABASE_URL,
      as a role that needs nothing but membership in federwerk_app (GRANT federwerk_app TO …).
      """)

  @Flag(help: "Only show what has been applied and what is pending.") var status = false
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let configuration = try await ServerConfiguration.load()
    let logger = Federwerk.logger(configuration)
    let json = json
    try await Database.with(configuration, logger: logger) { database in
      if !status { try await database.migrate(logger: logger) { text in if !json { explain(text) } } }
      let (applied, pending) = try await database.migrationStatus(logger: logger)
      if json { return try sayJSON(["applied": applied, "pending": pending]) }
      for migration in applied { say("applied  \(migration)") }
      for migration in pending { say("pending  \(migration)") }
    }
  }
}
