import ArgumentParser
import Composition

struct Show: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a view of a plan as JSON, now or as of any moment.",
    discussion: """
      Views: \(Federwerk.viewNames.joined(separator: ", ")).
      The JSON is that of the API for the office, without pages: `federwerk show PLAN measures --as-of 2019-06-30 | jq`.
      """)

  @Argument(help: "Slug or id of the plan.") var plan: String
  @Argument(help: "The view.") var view: String
  @Argument(help: "For measure and institution: the code or slug of one of them.") var item: String?
  @OptionGroup var moment: MomentOptions

  func run() async throws {
    let (plan, view, item, moment) = (plan, view, item, moment.moment)
    say(try await withFederwerk { try await $0.show(view, of: plan, item: item, at: moment) })
  }
}

/// Two clocks: what was recorded, and when it takes effect.
struct MomentOptions: ParsableArguments {
  @Option(help: "What was recorded up to and including this position.") var position: Int64?
  @Option(help: "What was recorded up to this time (RFC 3339), or the end of this day.") var asOf: String?
  @Option(help: "The day that is read for; today unless given.") var validAt: String?

  var moment: ReadingMoment {
    var moment = ReadingMoment()
    moment.position = position
    moment.asOf = asOf
    moment.validAt = validAt
    return moment
  }
}
