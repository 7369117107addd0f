import ArgumentParser
import Composition

struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print what became of a plan between two moments of recorded time, as JSON.",
    discussion: """
      A moment is a position, a time (RFC 3339), or a day, which stands for its end. The JSON is that of the API for the
      office, without pages: `federwerk compare PLAN 2019-03-31 2019-06-30 | jq`.
      """)

  @Argument(help: "Slug or id of the plan.") var plan: String
  @Argument(help: "The earlier moment.") var from: String
  @Argument(help: "The later moment; now unless given.") var to: String?

  func run() async throws {
    let (plan, from, to) = (plan, from, to)
    say(try await withFederwerk { try await $0.comparison(of: plan, from: from, to: to) })
  }
}
