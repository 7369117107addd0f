import ArgumentParser
import Composition

struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the keys that verify the checkpoints of the logs.",
    discussion: """
      Prints one C2SP verifier key per plan. The secret keys lie in <home>/keys and are made at the first start; keep them in
      the backup, and give all servers of one database the same.
      """)

  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let configuration = try await ServerConfiguration.load()
    let logger = Federwerk.logger(configuration)
    let keys = try await Database.with(configuration, logger: logger) { database in
      try await Federwerk(configuration, database: database, logger: logger).withServices {
        try await $0.verifierKeys()
      }
    }
    if json { return try sayJSON(keys) }
    for (plan, key) in keys.sorted(by: { $0.key < $1.key }) { say("\(plan)  \(key)") }
    if keys.isEmpty { explain("There is no plan yet; each plan's log gets its key with its first event.") }
  }
}
