import Foundation
import HangLimit
import TestDatabases
import Testing

/// The ways into other engines that the guide describes, taken literally.
@Suite(.hangLimit) struct DecodingStoryTests {
  private static let script = "\(Program.repository)/Tests/OutsideTools/replicas"
  private static let guide = "\(Program.repository)/docs/into-other-engines.md"

  @Test func `the database's own log has every event once and in order, though its readers and it are killed`()
    async throws
  {
    let home = try Program.makeHome("decoding")
    let folder = "\(home)/replicas"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try await run(Self.script, ["primary", folder])
    let result: Result<Void, any Error>
    do { result = .success(try await decode(home, folder)) } catch { result = .failure(error) }
    try await run(Self.script, ["down", folder])
    try result.get()
    try FileManager.default.removeItem(atPath: home)
  }

  private func decode(_ home: String, _ folder: String) async throws {
    let socket = "\(folder)/primary.sock"
    let database = Database(socket: socket)
    let migrateURL = "host=\(socket) dbname=federwerk user=postgres"
    let migrated = try await Program.run(
      ["migrate"], home: home, environment: ["DATABASE_URL": migrateURL, "DATABASE_MIGRATE_URL": migrateURL])
    #expect(migrated.status == 0, "\(migrated.errors)")
    let guide = try Guide(Self.guide)
    try await database.sql("CREATE ROLE plans LOGIN IN ROLE federwerk_app")
    for part in ["setting", "publication", "slot"] { try await database.sql(guide.sql(part)) }
    // A subscriber within the same server cannot make its slot itself.
    try await database.sql("SELECT pg_create_logical_replication_slot('warehouse', 'pgoutput')")
    try await database.sql("CREATE DATABASE warehouse")
    try await database.sql(guide.sql("warehouse"), in: "warehouse")
    let source = "host=\(socket) user=engine dbname=federwerk"
    try await database.sql(
      """
      CREATE SUBSCRIPTION warehouse CONNECTION '\(source)' PUBLICATION federwerk_events WITH (create_slot = false)
      """, in: "warehouse")

    let environment = ["DATABASE_URL": "host=\(socket) dbname=federwerk user=plans"]
    let server = try await RunningServer.start(home: home, environment: environment)
    let client = try await Client(server, role: "coordinator")
    let created = try await client.send(
      "POST", "/v1/plans", body: #"{"slug":"fault","title":"Mitlesen"}"#, headers: ["Idempotency-Key": "make"])
    #expect(created.status == 201, "\(created.text)")
    let callers = PersistentCallers(count: 8)
    let decoded = "\(home)/decoded.ndjson"
    await callers.call(client) {
      for round in 1...6 {
        let reader = try? database.startReader(into: decoded)
        #expect(reader != nil)
        await callers.waitUntil(acknowledged: round * 100)
        if round == 3 {
          let crashed = try? await Program.run(Self.script, ["crash", folder])
          #expect(crashed?.status == 0, "\(crashed?.errors ?? "")")
        }
        if let reader { kill(reader.processIdentifier, SIGKILL) }
        reader?.waitUntilExit()
      }
    }
    try await callers.settle(client)
    try await callers.check(try await client.allEvents(of: "fault"), client)
    await server.stop()

    let exported = try await Program.run(["export", "fault", "--events"], home: home, environment: environment)
    let events = "\(home)/events.ndjson"
    try exported.text.write(toFile: events, atomically: true, encoding: .utf8)
    try await database.readToEnd(into: decoded)
    try await OutsideTools.checkDecoding(decoded, of: events)

    try await database.waitForSubscriber("warehouse")
    let count = try await database.sql("SELECT count(*) FROM ledger.events")
    let all = "SELECT md5(string_agg(body, '' ORDER BY plan_id, log_id, position)) FROM ledger.events"
    #expect(try await database.sql("SELECT count(*) FROM ledger.events", in: "warehouse") == count)
    #expect(try await database.sql(all, in: "warehouse") == (try await database.sql(all)))
    try await database.sql("DROP SUBSCRIPTION warehouse", in: "warehouse")
  }

  private func run(_ program: String, _ arguments: [String]) async throws {
    let output = try await Program.run(program, arguments)
    #expect(output.status == 0, "\(arguments): \(output.errors)")
  }
}

/// The primary, as its superuser and as the reader that the guide makes.
private struct Database {
  let socket: String

  @discardableResult
  func sql(_ text: String, in name: String = "federwerk") async throws -> String {
    // One call for each statement: some of them must not be in a transaction with others.
    let statements = text.split(separator: ";").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    let output = try await Program.run(
      "/usr/bin/env",
      ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", "postgres", "-d", name]
        + statements.filter { !$0.isEmpty }.flatMap { ["-c", $0] })
    #expect(output.status == 0, "\(text): \(output.errors)")
    return output.text
  }

  private func arguments(into file: String) -> [String] {
    [
      "pg_recvlogical", "-h", socket, "-U", "engine", "-d", "federwerk", "--slot", "federwerk_engine", "--start", "-f",
      file, "-o", "format-version=2", "-o", "add-tables=ledger.events", "-o", "actions=insert",
      "--status-interval=1", "--fsync-interval=1",
    ]
  }

  func startReader(into file: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments(into: file)
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Reads up to what is committed now.
  func readToEnd(into file: String) async throws {
    let end = try await sql("SELECT pg_current_wal_insert_lsn()").trimmingCharacters(in: .whitespacesAndNewlines)
    // A reader that was killed may still hold the slot for a moment; its server process notices the next time it sends.
    try await sql(
      "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = 'federwerk_engine' AND active"
    )
    try await sql("SELECT pg_logical_emit_message(true, 'end', 'end')")
    let output = try await Program.run("/usr/bin/env", arguments(into: file) + ["--endpos", end])
    #expect(output.status == 0, "\(output.errors)")
  }

  /// Returns once a subscriber has applied everything: a commit that waits for it comes after all others.
  func waitForSubscriber(_ name: String) async throws {
    try await sql("ALTER SYSTEM SET synchronous_standby_names = '\(name)'; SELECT pg_reload_conf()")
    try await sql("SET synchronous_commit = 'remote_apply'; SELECT pg_logical_emit_message(true, 'end', 'end')")
    try await sql("ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf()")
  }
}

/// The statements of a guide, by what stands behind the word `sql` where a block of them begins.
private struct Guide {
  private let blocks: [String: String]

  init(_ path: String) throws {
    var blocks: [String: String] = [:]
    for block in try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "```sql ").dropFirst() {
      let lines = block.components(separatedBy: "\n```")[0].split(separator: "\n", maxSplits: 1)
      if lines.count == 2 { blocks[String(lines[0])] = String(lines[1]) }
    }
    self.blocks = blocks
  }

  func sql(_ name: String) throws -> String { try #require(blocks[name], "the guide has no block \(name)") }
}
