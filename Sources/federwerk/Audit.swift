import ArgumentParser
import Composition
import Foundation

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Export a log for auditors, verify what was exported or is published, prove single events.",
    discussion: """
      `federwerk audit export PLAN` writes one archive that verifies offline, also without this program: README.en.md and
      README.de.md in it say how.
      """,
    subcommands: [Export.self, Verify.self, Proof.self, Consistency.self, Digest.self])

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the log of a plan with its proofs, keys and disclosures into one archive.",
      discussion: "The archive is whole when the file has its name; an export that was interrupted leaves none.")

    @Argument(help: "Slug or id of the plan.") var plan: String
    @Option(name: [.short, .long], help: "The file to write; PLAN-SIZE.tar unless given.") var output: String?
    @Flag(help: "Leave out free texts and personal data; their digests stay in the events.") var withoutDisclosures =
      false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let (plan, output, withoutDisclosures) = (plan, output, withoutDisclosures)
      let report = try await withFederwerk {
        try await $0.exportAudit(of: plan, to: output, withDisclosures: !withoutDisclosures) { explain($0) }
      }
      if json { try sayJSON(report) } else { say(report.text) }
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Verify an archive, an address or a plan in the database as an outsider would.",
      discussion: """
        Checks signatures, every entry against the tree, the tree against the signed root, and every disclosed value against
        its digest. Exit code 1 when there are findings; each names the position, what was expected and what was found.
        """)

    @Argument(help: "A bundle's file, the address of a plan (https://host/v1/plans/SLUG), or a plan's slug.")
    var target: String
    @OptionGroup var trust: TrustOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let target = try trust.target(target)
      let trust = trust.trust
      let report = try await withFederwerk(if: target.needsDatabase) {
        try await Auditing.verify(target, trust: trust, in: $0) { explain($0) }
      }
      if json { try sayJSON(report) } else { say(report.text) }
      if report.findingCount > 0 { throw ExitCode.failure }
    }
  }

  struct Consistency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the proof that the log of one size begins as that of another, with both roots.",
      discussion: "A consistency proof of RFC 6962; the same as log/consistency?from=&to= of the API.")

    @Argument(help: "Slug or id of the plan.") var plan: String
    @Option(help: "The earlier size.") var from: Int64
    @Option(help: "The later size; that of the newest checkpoint unless given.") var to: Int64?

    func run() async throws {
      let (plan, from, to) = (plan, from, to)
      say(try await withFederwerk { try await $0.consistencyProof(of: plan, from: from, to: to) })
    }
  }

  struct Proof: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the proof that the newest checkpoint covers an event.",
      discussion: "The format is c2sp.org/tlog-proof@v1; it is verified with the event's stored bytes and the key.")

    @Argument(help: "Slug or id of the plan.") var plan: String
    @Argument(help: "Position of the event.") var position: Int64

    func run() async throws {
      let (plan, position) = (plan, position)
      print(try await withFederwerk { try await $0.proof(of: plan, position: position) }, terminator: "")
    }
  }

  struct Digest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record what all views of a plan show now, for `federwerk replay` to compare with.",
      discussion: "The server does so by itself at the end of each day on which something happened.")

    @Argument(help: "Slug or id of the plan.") var plan: String

    func run() async throws {
      let plan = plan
      say(try await withFederwerk { try await $0.recordViewDigests(of: plan) })
    }
  }
}

/// What an auditor trusts, and who asks.
struct TrustOptions: ParsableArguments {
  @Option(help: "A verifier key that you have from elsewhere; may be given again.") var key: [String] = []
  @Option(help: "A policy file (C2SP tlog-policy) that you have from elsewhere.") var policy: String?
  @Option(help: "A checkpoint that you kept: the log must continue it.") var checkpoint: String?
  @Option(help: "Token for an address; FEDERWERK_TOKEN unless given.") var token: String?

  var trust: AuditTrust {
    var trust = AuditTrust()
    trust.keys = key
    trust.policyFile = policy
    trust.checkpointFile = checkpoint
    return trust
  }

  func target(_ text: String) throws -> AuditTarget {
    try AuditTarget(text, token: token ?? ProcessInfo.processInfo.environment["FEDERWERK_TOKEN"])
  }
}
