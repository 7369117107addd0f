import ArgumentParser
import Composition

struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a plan as a plan file, or its events as NDJSON.",
    discussion: "The NDJSON lines are the stored bytes: outside tools can hash them.")

  @Argument(help: "Slug or id of the plan.") var plan: String
  @Flag(help: "Print the events, one per line, instead of the plan file.") var events = false
  @Flag(help: "Print the plan file as JSON; `federwerk import` takes that too.") var json = false

  func validate() throws {
    if events, json { throw ValidationError("--events prints JSON already; leave --json out") }
  }

  func run() async throws {
    let configuration = try await ServerConfiguration.load()
    let logger = Federwerk.logger(configuration)
    try await Database.with(configuration, logger: logger) { database in
      try await Federwerk(configuration, database: database, logger: logger).withServices { federwerk in
        if events {
          try await federwerk.exportEvents(of: plan) { say($0) }
        } else {
          say(try await federwerk.exportPlanFile(of: plan, asJSON: json))
        }
      }
    }
  }
}
