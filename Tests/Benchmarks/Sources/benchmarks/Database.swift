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

  /// Lets the server note when each transaction commits, which takes a restart; whoever runs it starts it again.
  func noteCommitTimes() throws {
    let maintenance = sibling("postgres")
    guard try maintenance.execute("SHOW track_commit_timestamp") != "on" else { return }
    try maintenance.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    let lock = try String(contentsOfFile: "\(socket.folder)/.s.PGSQL.5432.lock", encoding: .utf8)
    guard let postmaster = lock.split(separator: "\n").first.flatMap({ Int32($0) }) else {
      throw Problem("the server has no lock file")
    }
    kill(postmaster, SIGINT)
    for _ in 0..<300 {
      if (try? maintenance.execute("SHOW track_commit_timestamp")) == "on" { return }
      Thread.sleep(forTimeInterval: 0.1)
    }
    throw Problem("the server has not come back")
  }

  /// When each event of the plan's log was committed, in seconds since 1970.
  func commitTimes(from position: Int64) throws -> [Int64: Double] {
    let text = try execute(
      """
      SELECT position, extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM ledger.events
      WHERE log_id = 'main' AND position >= \(position)
      """)
    return Dictionary(
      text.split(separator: "\n").compactMap { line -> (Int64, Double)? in
        let parts = line.split(separator: "|")
        guard parts.count == 2, let position = Int64(parts[0]), let time = Double(parts[1]) else { return nil }
        return (position, time)
      }, uniquingKeysWith: { $1 })
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

  /// How long the server takes to write the rows of `read.*` that there are for each event into empty tables of the
  /// same form, when they are finished and only have to be read from a file: what no rebuild can go below.
  func secondsToWriteRowsOfEvents() throws -> Double {
    let tables = ["timeline", "reports"]
    try execute("DROP SCHEMA IF EXISTS rows CASCADE; CREATE SCHEMA rows")
    defer { _ = try? execute("DROP SCHEMA rows CASCADE") }
    for table in tables {
      try execute("CREATE TABLE rows.\(table) (LIKE projection.\(table) INCLUDING ALL)")
      try execute("\\copy projection.\(table) TO '\(folder)/\(table).rows' (FORMAT binary)")
    }
    defer { for table in tables { unlink("\(folder)/\(table).rows") } }
    try checkpoint()
    let start = Date.now
    for table in tables { try execute("\\copy rows.\(table) FROM '\(folder)/\(table).rows' (FORMAT binary)") }
    return Date.now.timeIntervalSince(start)
  }
}
