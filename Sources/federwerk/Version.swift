import ArgumentParser
import Composition

struct Version: AsyncParsableCommand {
  static let text = "federwerk 0.1.0 (schema \(Federwerk.schemaVersion), fold \(Federwerk.foldVersion))"
  static let configuration = CommandConfiguration(abstract: "Print the version, and the schema version it serves.")

  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    guard json else { return say(Self.text) }
    try sayJSON(["version": "0.1.0", "schema": "\(Federwerk.schemaVersion)", "fold": "\(Federwerk.foldVersion)"])
  }
}
