import ArgumentParser
import Composition
import Foundation

struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Import a plan file (YAML), or apply what was changed in it.",
    discussion: """
      Everything is one unit: either all of it is stored or nothing. An unchanged file changes nothing. --dry-run prints what
      would happen, with ranges expanded and the contradictions found.
      """)

  @Argument(help: "The plan file.") var file: String
  @Flag(help: "Show what would happen and store nothing.") var dryRun = false
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let (file, dryRun) = (file, dryRun)
    let report = try await withFederwerk { try await ImportReport(importing: file, into: $0, isDryRun: dryRun) }
    if json { try sayJSON(report) } else { say(report.text) }
    if !report.succeeded { throw ExitCode.failure }
  }
}
