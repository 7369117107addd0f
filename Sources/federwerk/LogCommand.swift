import ArgumentParser
import Composition

struct LogCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Look at a plan's log, or open a new epoch of it.",
    subcommands: [Status.self, NewEpoch.self], defaultSubcommand: Status.self)

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Size, root, epoch, and whether the log is behind what was published.")

    @Argument(help: "Slug or id of the plan.") var plan: String
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let plan = plan
      let report = try await withFederwerk { try await $0.logReport(of: plan) }
      if json { try sayJSON(report) } else { say(report.text) }
      if report.trouble != nil { throw ExitCode.failure }
    }
  }

  struct NewEpoch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "new-epoch",
      abstract: "Go on from what the database holds, after a restore or failover lost published events.",
      discussion: """
        The log keeps its events and gets a new origin; its next event says why, and how far the published log had come.
        Stop the servers first. What was lost stays lost: partners see it from the epoch event.

        Witnesses know a log by its origin: have each started with what `federwerk keys` shows afterwards (--log), or it
        cosigns no checkpoint of the new epoch.
        """)

    @Argument(help: "Slug or id of the plan.") var plan: String
    @Option(help: "Why; recorded in the log.") var reason: String
    @Flag(help: "Open it although the log holds everything that was published.") var force = false

    func run() async throws {
      let (plan, reason, force) = (plan, reason, force)
      say(try await withFederwerk { try await $0.openEpoch(of: plan, reason: reason, isForced: force) })
    }
  }
}
