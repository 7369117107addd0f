import ArgumentParser
import Composition

struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fold a log again and compare what the views show with the digests that were recorded.",
    discussion: """
      The log is verified first. Then it is folded to the moment asked for with the same code that serves the views, and the
      digest of each view is printed and compared with what the log recorded. Exit code 1 when a view differs.
      """)

  @Argument(help: "A bundle's file, the address of a plan (https://host/v1/plans/SLUG), or a plan's slug.")
  var target: String
  @Option(help: "Fold up to and including this position.") var position: Int64?
  @Option(help: "Fold what was recorded up to this time (RFC 3339), or the end of this day.") var asOf: String?
  @Option(help: "The day that the views are read for; that of the last event unless given.") var validAt: String?
  @OptionGroup var trust: TrustOptions
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let target = try trust.target(target)
    let (trust, position, asOf, validAt) = (trust.trust, position, asOf, validAt)
    let (verified, replayed) = try await withFederwerk(if: target.needsDatabase) { federwerk in
      try await Auditing.replay(
        target, trust: trust, position: position, asOf: asOf, validAt: validAt, in: federwerk
      ) { explain($0) }
    }
    guard let replayed else {
      explain(verified.text)
      explain("The log is not what was signed, so replaying it would prove nothing.")
      throw ExitCode.failure
    }
    if json { try sayJSON(replayed) } else { say(replayed.text) }
    if replayed.differs { throw ExitCode.failure }
  }
}
