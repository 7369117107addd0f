import ArgumentParser
import Composition

struct Projections: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at the read models (tables for SQL and BI), check them, or write them anew.",
    discussion: "They follow from the log alone. A running server keeps them up to date and is not stopped by this.",
    subcommands: [Status.self, VerifyRows.self, Rebuild.self], defaultSubcommand: Status.self)

  struct Options: ParsableArguments {
    @Argument(help: "Slug or id of a plan; all plans without.") var plan: String?
    @Flag(help: "Print JSON.") var json = false

    func report(_ body: @Sendable @escaping (Federwerk, String?) async throws -> [ProjectionReport]) async throws {
      let plan = plan
      let reports = try await withFederwerk { try await body($0, plan) }
      if json { try sayJSON(reports) } else { for report in reports { say(report.text) } }
      if reports.contains(where: { $0.differences?.isEmpty == false }) { throw ExitCode.failure }
    }
  }

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "How many events of each log the rows hold.")
    @OptionGroup var options: Options

    func run() async throws { try await options.report { try await $0.projectionReports($1) } }
  }

  struct VerifyRows: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Write the rows anew beside the live ones and compare; exit code 1 when they differ.")
    @OptionGroup var options: Options

    func run() async throws {
      try await options.report { federwerk, plan in try await federwerk.verifyProjections(plan) { explain($0) } }
    }
  }

  struct Rebuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the rows anew beside the live ones, then serve the new ones.")
    @OptionGroup var options: Options

    func run() async throws {
      try await options.report { federwerk, plan in try await federwerk.rebuildProjections(plan) { explain($0) } }
    }
  }
}
