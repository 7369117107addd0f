import ArgumentParser
import Composition

struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a plan as a plan file, or its events as NDJSON.",
    discussion: "The NDJSON lines are the stored bytes: outside tools can hash them.")

  @Argument(help: "Slug or id of the plan.") var plan: String
  @Flag(help: "Print the events, one per line, instead of the plan file.") var events = false
  @Flag(help: "Print the plan file as JSON; `federwerk import` takes that too.") var json = false

  @OptionGroup var moment: MomentOptions

  func validate() throws {
    if events, moment.position != nil || moment.asOf != nil || moment.validAt != nil {
      throw ValidationError("--events prints the whole log; a moment is for the plan file")
    }
    if events, json { throw ValidationError("--events prints JSON already; leave --json out") }
  }

  func run() async throws {
    let (plan, events, json, moment) = (plan, events, json, moment.moment)
    try await withFederwerk { federwerk in
      if events {
        try await federwerk.exportEvents(of: plan) { say($0) }
      } else {
        say(try await federwerk.exportPlanFile(of: plan, at: moment, asJSON: json))
      }
    }
  }
}
