import ArgumentParser
import Composition

struct Webhooks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show where deliveries stand, and the secrets that receivers verify them with.",
    discussion: """
      Prints one line for each webhook of the plan: its id, status, feed and address. With --secrets it also prints the
      secrets that sign now, the newest first (Standard Webhooks: whsec_ and whpk_). Give them to the receiver by another
      channel; they are made of the installation's key and stored nowhere.
      """)

  @Argument(help: "Slug of the plan.") var plan: String
  @Flag(help: "Print the secrets too.") var secrets = false
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let reports = try await withFederwerk { try await $0.webhookReports(of: plan) }
    if json {
      try sayJSON(reports.map { secrets ? $0 : $0.withoutSecrets })
      return
    }
    for report in reports {
      say("\(report.id)  \(report.status)  \(report.feed)  \(report.address)")
      if let reason = report.reason { say("  \(reason)") }
      if secrets { for secret in report.secrets + report.publicKeys { say("  \(secret)") } }
    }
    if reports.isEmpty { say("The plan has no webhooks.") }
  }
}
