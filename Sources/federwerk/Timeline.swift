import ArgumentParser
import Composition

struct Timeline: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a plan's audit timeline: what happened, who said so, when it was recorded and takes effect.",
    discussion: """
      Oldest first, a line for each event: its position, when it was recorded, from when it holds, and a sentence. With
      --json a line is the entry as the API gives it to the office, with what changed from what to what, and its texts.
      It is folded from the log, which takes some seconds for a million events.
      """)

  enum Language: String, ExpressibleByArgument, CaseIterable { case de, en }

  @Argument(help: "Slug or id of the plan.") var plan: String
  @Argument(help: "Only events about this: a measure's code, an institution's slug, measures/<id>, or an id.")
  var subject: String?
  @Option(help: "Only events that touch this institution; slug or id.") var institution: String?
  @Option(help: "Only what this actor did, such as users/… or system:clock.") var actor: String?
  @Option(help: "Only events of this type.") var type: String?
  @Option(help: "What was recorded up to and including this position.") var position: Int64?
  @Option(help: "What was recorded up to this time (RFC 3339), or the end of this day.") var asOf: String?
  @Option(help: "Language of the sentences: de or en.") var language = Language.en
  @Flag(help: "Print a JSON object for each event.") var json = false

  func run() async throws {
    var filter = Federwerk.TimelineFilter()
    (filter.subject, filter.institution, filter.actor, filter.type) = (subject, institution, actor, type)
    var moment = ReadingMoment()
    (moment.position, moment.asOf) = (position, asOf)
    let form: Federwerk.TimelineForm = json ? .json : language == .de ? .de : .en
    let (plan, wanted, recorded) = (plan, filter, moment)
    try await withFederwerk { try await $0.showTimeline(of: plan, wanted, at: recorded, as: form) { say($0) } }
  }
}
