import ArgumentParser
import Composition

/// For `make bench`; fills the plan with simulated reports, so never for a real database.
struct BenchWriter: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench-writer",
    abstract: "Measure a plan's writer without HTTP. Fills the plan with simulated reports.", shouldDisplay: false)

  @Option(help: "Callers that send one command after the other.") var callers = 64
  @Option(help: "How long they send; 0 only imports the plan.") var seconds = 3.0
  @Option(help: "Send until the log has so many events, instead of for a time.") var growTo: Int64?
  @Option(help: "What is sent depends on it.") var seed: UInt64 = 1
  @Option(help: "The plan file, imported and timed when its plan is missing.")
  var planFile = "plans/industriestadt-berlin.yaml"
  @Option(help: "Print so many bodies of report-progress, one per line, instead of sending any.") var printReports: Int?

  func validate() throws {
    guard (1...WriterBenchmark.callersMax).contains(callers) else {
      throw ValidationError("--callers is 1 to \(WriterBenchmark.callersMax)")
    }
    guard (0...3600).contains(seconds) else { throw ValidationError("--seconds is 0 to 3600") }
    guard (0...100_000).contains(printReports ?? 0) else { throw ValidationError("--print-reports is 0 to 100000") }
  }

  func run() async throws {
    let configuration = try await ServerConfiguration.load()
    guard configuration.databaseURL != nil else {
      throw ValidationError("bench-writer needs DATABASE_URL: a database of its own that has been migrated")
    }
    let logger = Federwerk.logger(configuration)
    let benchmark = WriterBenchmark(
      planFile: planFile, callers: callers, duration: .seconds(seconds), size: growTo, seed: seed)
    try await Database.with(configuration, logger: logger) { database in
      let federwerk = try Federwerk(
        configuration, database: database, limits: .patient, logger: logger)
      try await federwerk.withServices { federwerk in
        guard let printReports else { return try sayJSON(try await benchmark.run(on: federwerk)) }
        for report in try await benchmark.reports(printReports, from: federwerk) { say(report) }
      }
    }
  }
}
