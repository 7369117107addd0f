import ArgumentParser
import Composition
import Foundation

/// The command line. Exit codes: 0 done, 1 failed or findings, 64 wrong use.
@main
struct FederwerkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "federwerk",
    abstract: "Coordinates plans that many institutions carry together.",
    discussion: """
      Start with `federwerk serve`: without DATABASE_URL it runs a PostgreSQL of its own under .federwerk/.
      Then `federwerk token --actor me --role coordinator` makes a token, and `curl -H "Authorization: Bearer …"
      http://127.0.0.1:8080/v1/plans` asks the first question.

      Settings come from the environment and from federwerk.json in the home folder: FEDERWERK_HOME, FEDERWERK_HOST,
      FEDERWERK_PORT, FEDERWERK_ORIGIN, FEDERWERK_LOG_LEVEL, FEDERWERK_WITNESS_POLICY, FEDERWERK_WEBHOOK_ALLOW, FEDERWERK_WEBHOOK_DELAYS,
      DATABASE_URL, DATABASE_MIGRATE_URL.
      """,
    version: Version.text,
    subcommands: [
      Serve.self, Migrate.self, Import.self, Export.self, Show.self, Timeline.self, Compare.self, Simulate.self,
      Token.self, Keys.self, LogCommand.self,
      Verify.self, Audit.self, Replay.self, Witness.self, Webhooks.self, PartnerKitCommand.self,
      Projections.self, BackupCheck.self, Version.self,
      BenchWriter.self, BenchAudit.self,
    ])
}

/// Prints to standard output: answers for people and scripts. Nothing is kept back when the output is a pipe.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

/// Prints to standard error: progress and explanations, so that output stays clean for scripts.
func explain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// Prints a value as one line of JSON.
func sayJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  say(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Runs the services of the configured database while `body` works with them.
func withFederwerk<R: Sendable>(_ body: @Sendable (Federwerk) async throws -> R) async throws -> R {
  let configuration = try await ServerConfiguration.load()
  let logger = Federwerk.logger(configuration)
  return try await Database.with(configuration, logger: logger) { database in
    try await Federwerk(configuration, database: database, limits: .patient, logger: logger).withServices(body)
  }
}

/// Runs them only where they are needed: an auditor's machine has neither database nor configuration.
func withFederwerk<R: Sendable>(
  if isNeeded: Bool, _ body: @Sendable (Federwerk?) async throws -> R
) async throws -> R {
  isNeeded ? try await withFederwerk { try await body($0) } : try await body(nil)
}
