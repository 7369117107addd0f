import ArgumentParser
import Composition

/// For `make bench`.
struct BenchAudit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench-audit", abstract: "Measure export, verification, replay, proofs and answers about the past.",
    shouldDisplay: false)

  @Argument(help: "Slug or id of the plan.") var plan: String
  @Option(help: "Where the bundle is written.") var bundle: String
  @Option(help: "Which positions are asked for depends on it.") var seed: UInt64 = 1

  func run() async throws {
    let configuration = try await ServerConfiguration.load()
    let logger = Federwerk.logger(configuration)
    let (benchmark, bundle) = (AuditBenchmark(plan: plan, seed: seed), bundle)
    try await Database.with(configuration, logger: logger) { database in
      let federwerk = try Federwerk(
        configuration, database: database, limits: .patient, logger: logger)
      try await federwerk.withServices { try sayJSON(try await benchmark.run(on: $0, bundle: bundle)) }
    }
  }
}
