import Foundation

/// The built program, serving; with a database of its own unless it is given one.
final class Server {
  /// Where the program's own PostgreSQL listens.
  struct Socket {
    let folder: String
    let service: String
  }

  let address: String
  private let program: Program
  private let binary: String
  private let home: String
  private let folder: String

  /// Starts the program and returns once its port is open.
  init(_ binary: String, home: String, arguments: [String], environment: [String: String], folder: String) throws {
    self.binary = binary
    self.home = home
    self.folder = folder
    var settings = environment
    settings["FEDERWERK_HOME"] = home
    settings["FEDERWERK_PORT"] = "0"
    settings["FEDERWERK_LOG_LEVEL"] = "warning"
    let program = try Program([binary, "serve"] + arguments, environment: settings, folder: folder, limit: 3600)
    self.program = program
    let mark = "Serving http://"
    let deadline = Date.now + 120
    while !program.output.contains(mark), program.isRunning, Date.now < deadline { Thread.sleep(forTimeInterval: 0.02) }
    guard let line = program.output.split(separator: "\n").first(where: { $0.hasPrefix(mark) }) else {
      program.stop()
      throw Problem("the server did not start: \(program.errors.suffix(2000))")
    }
    address = String(line.dropFirst("Serving ".count))
  }

  /// Serves a database that another server keeps.
  convenience init(
    _ workplace: Workplace, on database: Database, environment: [String: String] = [:]
  ) throws {
    try self.init(
      workplace.binary, home: "\(workplace.folder)/\(database.name)", arguments: [],
      environment: environment.merging(["DATABASE_URL": database.serviceURL]) { $1 }, folder: workplace.folder)
  }

  /// A coordinator's token.
  func token() throws -> String {
    try Program.run(
      [binary, "token", "--actor", "bench", "--role", "coordinator", "--days", "1"],
      environment: ["FEDERWERK_HOME": home], folder: folder
    ).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  var residentMegabytes: Double? { program.childID.flatMap { Machine.residentMegabytes(of: $0) } }

  /// How to reach the embedded PostgreSQL.
  func socket() throws -> Socket {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(home)/running-database.json"))
    let urls = try JSONDecoder().decode([String: String].self, from: data)
    guard let service = urls["serviceURL"], let start = service.range(of: "host='")?.upperBound,
      let end = service[start...].firstIndex(of: "'")
    else { throw Problem("\(home)/running-database.json does not say where the database is") }
    return Socket(folder: String(service[start..<end]), service: service)
  }

  /// Stops the server and its database; a database that outlived a killed server too.
  func stop() {
    let lock = (try? socket()).map { "\($0.folder)/.s.PGSQL.5432.lock" }
    program.stop()
    guard let lock, let text = try? String(contentsOfFile: lock, encoding: .utf8),
      let postmaster = text.split(separator: "\n").first.flatMap({ Int32($0) })
    else { return }
    kill(postmaster, SIGINT)
    for _ in 0..<100 where kill(postmaster, 0) == 0 { Thread.sleep(forTimeInterval: 0.1) }
  }
}
