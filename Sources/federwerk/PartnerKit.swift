import ArgumentParser
import Composition
import Foundation

struct PartnerKitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "partner-kit",
    abstract: "Try out what partner systems build: receivers of deliveries, and readers of feeds.",
    discussion: """
      Needs neither a database nor a configuration. `receive` shows what a sender sends, `send` tries out a receiver with
      simulated events, `follow` reads a feed as clients do that are killed and come back. Each says what a correct
      client must do and ends with 1 when something was wrong.
      """,
    subcommands: [Receive.self, Send.self, Follow.self])

  struct Receive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take deliveries; check signatures, form, order, gaps and repetitions.",
      discussion: """
        Listens on 127.0.0.1 and takes POST at every path; a reverse proxy or tunnel brings others to it. Prints a line for
        each delivery, and a summary when it has --count events or is stopped with Ctrl-C. With --trouble it answers some
        deliveries with 500, 429 or 503, by a seeded chance, so that one sees them come again. Ids that are missing at
        the end are open and not wrong: events about different subjects come side by side.
        """)

    @Option(help: "Secret that signs (whsec_…), FEDERWERK_WEBHOOK_SECRET unless given; may be given again.")
    var secret: [String] = []
    @Option(help: "Public key that signs too (whpk_…); may be given again.") var publicKey: [String] = []
    @Option(help: "Port; 0 takes a free one.") var port = 9090
    @Option(help: "End after so many different events.") var count: Int?
    @Option(help: "Behave badly now and then; what happens depends on this seed.") var trouble: UInt64?

    func run() async throws {
      let serving = ReceiverServing(
        secrets: secret.isEmpty ? [environmentSecret].compactMap { $0 } : secret, publicKeys: publicKey,
        trouble: trouble, count: count)
      let (summary, findings, missing) = try await serving.run(port: port) { port in
        say("Receiving at http://127.0.0.1:\(port)")
      } tell: {
        say($0)
      }
      say(summary)
      for ids in missing { say("OPEN     \(ids), and may come yet") }
      try end(with: findings)
    }
  }

  struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send a receiver what it must take and what it must refuse, with simulated events.",
      discussion: "The events say that they are simulated (recordedsource); use a receiver that is not in earnest.")

    @Argument(help: "Address of the receiver.") var address: String
    @Option(help: "The secret that it verifies with (whsec_…); FEDERWERK_WEBHOOK_SECRET unless given.")
    var secret: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      var outcomes: [ReceiverTrialRun.Outcome] = []
      try await ReceiverTrialRun(address: address, secret: secret ?? environmentSecret ?? "").run { outcome in
        outcomes.append(outcome)
        guard !json else { return }
        say(
          "\(outcome.isRight ? "ok    " : "WRONG ")  \(outcome.name): \(outcome.answer) (expected \(outcome.expected))")
        if !outcome.isRight { say("        \(outcome.duty)") }
      }
      let wrong = outcomes.count { !$0.isRight }
      if json { try sayJSON(outcomes) } else { say("\(outcomes.count - wrong) of \(outcomes.count) as expected") }
      if wrong > 0 { throw ExitCode.failure }
    }
  }

  struct Follow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read a feed in batches and as an interrupted stream, and prove it.",
      discussion: """
        Checks that ids have no gaps, that each event is a CloudEvent in canonical JSON, that both ways have the same bytes,
        and that the newest checkpoint is signed and covers just these events.
        """)

    @Argument(help: "Address of the feed: https://host/v1/plans/PLAN/feeds/FEED.") var address: String
    @Option(help: "Token; FEDERWERK_TOKEN unless given.") var token: String?

    func run() async throws {
      let token = token ?? ProcessInfo.processInfo.environment["FEDERWERK_TOKEN"]
      try end(with: try await FeedTrialRun(address: address, token: token).run { say($0) })
    }
  }
}

/// Other users of a machine see arguments, and not the environment.
private var environmentSecret: String? { ProcessInfo.processInfo.environment["FEDERWERK_WEBHOOK_SECRET"] }

extension ParsableCommand {
  /// The end of a trial: what was wrong, and what every client has to do.
  fileprivate func end(with findings: [String]) throws {
    for finding in findings { say("FINDING  \(finding)") }
    if findings.isEmpty { say("Nothing was wrong.") }
    say(partnerDuties)
    if !findings.isEmpty { throw ExitCode.failure }
  }
}
