import Foundation

/// One database of the embedded PostgreSQL, reached with Debian's own tools as its superuser.
struct Database {
  let socket: Server.Socket
  let name: String
  let folder: String

  private var place: [String] { ["-h", socket.folder, "-p", "5432", "-U", "postgres"] }

  /// Another database of the same server.
  func sibling(_ name: String) -> Database { Database(socket: socket, name: name, folder: folder) }

  /// The connection string of the service's login.
  var serviceURL: String { socket.service.replacingOccurrences(of: "dbname='federwerk'", with: "dbname='\(name)'") }

  /// The connection string of the superuser.
  var migrateURL: String { serviceURL.replacingOccurrences(of: "user='federwerk'", with: "user='postgres'") }

  @discardableResult
  func execute(_ sql: String, limit: Int = 120) throws -> String {
    try Program.run(
      ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1"] + place + ["-d", name, "-c", sql], folder: folder, limit: limit
    ).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Executes a text that is too long for an argument.
  func executeFile(_ sql: String) throws {
    let path = "\(folder)/\(UUID().uuidString).sql"
    try sql.write(toFile: path, atomically: true, encoding: .utf8)
    try Program.run(
      ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1"] + place + ["-d", name, "-f", path], folder: folder)
  }

  /// Makes a copy of this database, which nobody may be using, in place of an older one.
  func copy(as name: String) throws -> Database {
    let maintenance = sibling("postgres")
    try maintenance.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    try maintenance.execute("CREATE DATABASE \(name) TEMPLATE \(self.name) STRATEGY FILE_COPY")
    return sibling(name)
  }

  func drop() throws { try sibling("postgres").execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }

  /// Every measurement that writes begins right after a checkpoint, so that none pays for another's pages.
  func checkpoint() throws { try execute("CHECKPOINT") }

  /// Transactions per second of a pgbench script.
  func transactionsPerSecond(_ script: String, clients: Int, seconds: Double) throws -> Double {
    let path = "\(folder)/\(UUID().uuidString).sql"
    try script.write(toFile: path, atomically: true, encoding: .utf8)
    let output = try Program.run(
      ["pgbench", "-n", "-M", "prepared", "-c", "\(clients)", "-j", "\(min(clients, 2))"]
        + ["-T", "\(Int(seconds.rounded(.up)))", "-f", path] + place + [name], folder: folder,
      limit: Int(seconds) + 30)
    guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
      let rate = line.split(separator: " ").dropFirst(2).first.flatMap({ Double($0) })
    else { throw Problem("pgbench printed no rate: \(output)") }
    return rate
  }

  /// How long COPY in binary form takes for all events with what is read of them, less what the tool itself takes.
  func secondsToCopyEvents() throws -> Double {
    let begin = Date.now
    try execute("SELECT 1")
    let idle = Date.now.timeIntervalSince(begin)
    let start = Date.now
    try execute(
      """
      COPY (SELECT position, type, subject, effective_date, recorded_at, body, leaf_hash FROM ledger.events
        ORDER BY plan_id, log_id, position) TO PROGRAM 'cat > /dev/null' (FORMAT binary)
      """)
    return max(Date.now.timeIntervalSince(start) - idle, 0.001)
  }
}
