import ArgumentParser
import Composition

struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the logs: the tree against the events, the columns against the bodies, the checkpoints.",
    discussion: "Findings name the position, what was expected and what was found. Exit code 1 when there are any.")

  @Argument(help: "Slug or id of a plan; all plans without.") var plan: String?
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let plan = plan
    let reports = try await withFederwerk { try await $0.verify(plan) { explain($0) } }
    if json { try sayJSON(reports) } else { for report in reports { say(report.text) } }
    if reports.contains(where: { !$0.findings.isEmpty }) { throw ExitCode.failure }
  }
}

struct BackupCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a restored database before it is served.",
    discussion: """
      Restore the backup into a scratch database, point DATABASE_URL at it, keep FEDERWERK_HOME: the logs are verified and
      compared with what was ever published from here. Exit code 1 when events are missing or changed.
      """)

  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let reports = try await withFederwerk { try await $0.verify(nil) { explain($0) } }
    if json { try sayJSON(reports) } else { for report in reports { say(report.text) } }
    guard reports.allSatisfy(\.findings.isEmpty) else {
      explain(
        "Do not serve this database as it is: restore a newer backup, or open a new epoch (federwerk log new-epoch).")
      throw ExitCode.failure
    }
    explain(reports.isEmpty ? "The database holds no plan." : "The backup is whole.")
  }
}
