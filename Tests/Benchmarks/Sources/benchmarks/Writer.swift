import Foundation

/// The writer without HTTP: `federwerk bench-writer` on a database of its own.
struct Writer {
  struct Result: Decodable {
    let commands: Int
    let seconds: Double
    let p50Milliseconds: Double
    let p99Milliseconds: Double
    let size: Int64
    let loadSeconds: Double?
    let dryRunSeconds: Double?
    let importSeconds: Double?

    enum CodingKeys: String, CodingKey {
      case commands, seconds, size
      case p50Milliseconds = "p50_ms"
      case p99Milliseconds = "p99_ms"
      case loadSeconds = "load_s"
      case dryRunSeconds = "dry_run_s"
      case importSeconds = "import_s"
    }

    var perSecond: Double { Double(commands) / seconds }
  }

  let binary: String
  let home: String
  let planFile: String
  let folder: String
  let seed: UInt64

  func migrate(_ database: Database) throws {
    try Program.run(
      [binary, "migrate"],
      environment: [
        "FEDERWERK_HOME": home, "DATABASE_URL": database.serviceURL, "DATABASE_MIGRATE_URL": database.migrateURL,
      ], folder: folder)
  }

  /// Imports the plan when it is missing, then sends commands for a time.
  func run(on database: Database, callers: Int = 64, seconds: Double) throws -> Result {
    try bench(database, ["--callers", "\(callers)", "--seconds", "\(seconds)"])
  }

  @discardableResult
  func grow(_ database: Database, to size: Int) throws -> Result {
    try bench(database, ["--callers", "512", "--grow-to", "\(size)"])
  }

  /// The same commands for a load over HTTP.
  func reports(_ count: Int, of database: Database) throws -> [String] {
    try call(database, ["--print-reports", "\(count)"]).split(separator: "\n").map { String($0) }
  }

  private func bench(_ database: Database, _ arguments: [String]) throws -> Result {
    try JSONDecoder().decode(Result.self, from: Data(call(database, arguments).utf8))
  }

  private func call(_ database: Database, _ arguments: [String]) throws -> String {
    try Program.run(
      [binary, "bench-writer", "--seed", "\(seed)", "--plan-file", planFile] + arguments,
      environment: ["FEDERWERK_HOME": home, "DATABASE_URL": database.serviceURL], folder: folder, limit: 3600)
  }
}
