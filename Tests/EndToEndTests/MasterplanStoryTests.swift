import EventSourcing
import Foundation
import HangLimit
import Postgres
import TestDatabases
import Testing

/// The first day with the real plan, as an operator, a coordinator, a lead and an auditor live it.
@Suite(.hangLimit) struct MasterplanStoryTests {
  static let plan = "/v1/plans/industriestadt-berlin"

  @Test func `the Masterplan is imported, reported on, stopped, resumed and proved by outsiders`() async throws {
    let home = try Program.makeHome("masterplan")
    var server = try await RunningServer.start(home: home, arguments: ["--import", Program.planFile])
    var office = try await Client(server, role: "coordinator")
    let board = try await office.get("\(Self.plan)/measures")
    let measures = try #require(board.json["measures"]?.array)
    #expect(measures.count == 90)
    #expect(measures.first?["code"]?.string == "fachkraefte.1.I")
    try await expectFastCompression(home)

    var lead = try await Client(server, role: "lead", institution: "senias", actor: "lead")
    let report = #"{"measure":"fachkraefte.1.I","condition":"on-track","percent":10,"text":"Begonnen"}"#
    let first = try await lead.command("report-progress", report, key: "first")
    #expect(first.status == 201, "\(first.text)")
    let foreign = try await lead.command(
      "report-progress", #"{"measure":"smart-city.1.I","condition":"on-track"}"#)
    #expect(foreign.status == 403)
    #expect(foreign.code == "not-assigned")
    let tooMuch = try await lead.command(
      "report-progress", #"{"measure":"fachkraefte.1.I","condition":"on-track","percent":101}"#)
    #expect(tooMuch.status == 422)
    #expect(tooMuch.code == "percent-out-of-range")
    #expect(tooMuch.json["field"]?.string == "percent")

    #expect(await server.stop(SIGINT) == 0, "Ctrl-C is a clean end")
    #expect(server.databaseProcessIDs.isEmpty, "the database stopped with the server")

    #expect(server.greeting.contains("TOKEN="))
    server = try await RunningServer.start(home: home, arguments: ["--import", Program.planFile, "--behind-proxy"])
    #expect(!server.greeting.contains("TOKEN="), "what runs behind a proxy prints into logs")
    office.address = server.address
    lead.address = server.address
    let again = try await lead.command("report-progress", report, key: "first")
    #expect(again.bytes == first.bytes, "a retry after a restart gets the first answer byte for byte")
    let now = try await office.get("\(Self.plan)/measures/fachkraefte.1.I").json["measure"]
    #expect(now?["percent"]?.integer == 10)
    #expect(now?["state"]?.string == "running")
    let before = try await office.get("\(Self.plan)/measures/fachkraefte.1.I?position=825").json["measure"]
    #expect(before?["percent"] == .null)

    let auditor = try await Client(server, role: "auditor", actor: "auditor")
    let events = try await auditor.allEvents()
    #expect(events.count == 827)
    #expect(try await lead.get("\(Self.plan)/events").code == "role-not-allowed")
    #expect(!events.contains { $0["data"]?["text"] != nil }, "free text is not in the log")
    try await OutsideTools.checkLog(of: "industriestadt-berlin", server: server, client: auditor)
    try await OutsideTools.followFeed(of: "industriestadt-berlin", server: server, client: auditor)
    await server.stop()
  }

  /// The service's login compresses whole pages with the fastest method that the server has.
  private func expectFastCompression(_ home: String) async throws {
    let running = try Data(contentsOf: URL(fileURLWithPath: "\(home)/running-database.json"))
    let url = try #require(try JSONParser.parse(Array(running))["serviceURL"]?.string)
    try await PostgresConnection.withConnection(
      PostgresConfiguration(connectionString: url), logger: testLogger
    ) { connection in
      let rows = try await connection.query(
        "SELECT setting = 'lz4' OR NOT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'wal_compression'")
      #expect(try rows[0].decode(0, as: Bool.self))
    }
  }

  @Test func `the command line tells an operator what is there`() async throws {
    let home = try Program.makeHome("operator")
    let dryRun = try await Program.run(["import", Program.planFile, "--dry-run", "--json"], home: home)
    #expect(dryRun.status == 0, "\(dryRun.errors)")
    let report = try JSONParser.parse(Array(dryRun.text.utf8))
    #expect(report["commandCount"]?.integer == 826)
    let codes = Set(report["findings"]?.array?.compactMap { $0["code"]?.string } ?? [])
    #expect(codes.isSuperset(of: ["stated-figure-mismatch", "measure-without-lead", "unclear-role", "presumed-alias"]))
    #expect(
      try await Program.run(["verify", "industriestadt-berlin"], home: home).status != 0, "a dry run stores nothing")

    let imported = try await Program.run(["import", Program.planFile], home: home)
    #expect(imported.status == 0, "\(imported.text)")
    let unchanged = try await Program.run(["import", Program.planFile], home: home)
    #expect(unchanged.text.contains("nothing to do"))
    let exported = try await Program.run(["export", "industriestadt-berlin"], home: home)
    let file = "\(home)/export.yaml"
    try exported.text.write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try await Program.run(["import", file], home: home).text.contains("nothing to do"))

    let verified = try await Program.run(["verify", "--json"], home: home)
    #expect(verified.status == 0)
    #expect(try JSONParser.parse(Array(verified.text.utf8)).array?.first?["size"]?.integer == 826)
    #expect(try await Program.run(["backup-check"], home: home).status == 0)
    #expect(try await Program.run(["log", "industriestadt-berlin"], home: home).text.contains("size       826"))
    #expect(try await Program.run(["migrate", "--status"], home: home).text.contains("applied  1 create_event_log"))
    #expect(try await Program.run(["version", "--json"], home: home).text.contains("schema"))
  }

  @Test func `migrate reaches the database that is named, and changes nothing when it only shows`() async throws {
    let home = try Program.makeHome("migrate")
    for _ in 0..<2 {
      let shown = try await Program.run(["migrate", "--status", "--json"], home: home)
      #expect(shown.status == 0, "\(shown.errors)")
      let status = try JSONParser.parse(Array(shown.text.utf8))
      #expect(status["applied"]?.array?.isEmpty == true && status["pending"]?.array?.isEmpty == false, "\(status)")
    }
    let migrated = try await Program.run(["migrate", "--json"], home: home)
    #expect(try JSONParser.parse(Array(migrated.text.utf8))["pending"]?.array?.isEmpty == true, "\(migrated.errors)")

    try await withMigratedDatabase { database in
      let elsewhere = try Program.makeHome("migrate-elsewhere")
      let named = try await Program.run(
        ["migrate"], home: elsewhere, environment: ["DATABASE_MIGRATE_URL": database.connectionString])
      #expect(named.status == 0, "\(named.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere).isEmpty, "no embedded database was made")
    }
  }

  @Test func `commands use the database that another program runs, and a server does not`() async throws {
    try await withServer("lender") { server in
      let keys = try await Program.run(["keys", "--json"], home: server.home)
      #expect(keys.status == 0, "\(keys.errors)")
      let second = try await Program.run(["serve"], home: server.home, environment: ["FEDERWERK_PORT": "0"])
      #expect(second.status == 1 && second.text.isEmpty, "\(second.text)")
      #expect(second.errors.contains("another program (process \(server.processID)) uses"), "\(second.errors)")
      #expect(second.errors.contains("Wait until it has ended"), "\(second.errors)")
    }
  }

  @Test func `in a container the password lies where commands beside the server look for it`() async throws {
    let home = try Program.makeHome("container")
    let (secret, passfile) = ("\(home)/secret", "\(home)/passfile")
    try #"p:a\ss"#.write(toFile: secret, atomically: true, encoding: .utf8)
    let folder = URL(fileURLWithPath: Program.path).deletingLastPathComponent().path
    let entered = try await Program.run(
      "/bin/sh", ["\(Program.repository)/docker/entrypoint", "version"],
      environment: ["DATABASE_PASSWORD_FILE": secret, "PGPASSFILE": passfile, "PATH": "\(folder):/usr/bin:/bin"])
    #expect(entered.status == 0, "\(entered.errors)")
    #expect(FileManager.default.contents(atPath: passfile) == Data((#"*:*:*:*:p\:a\\ss"# + "\n").utf8))
    let image = try String(contentsOfFile: "\(Program.repository)/docker/Dockerfile", encoding: .utf8)
    #expect(image.contains(" PGPASSFILE=/tmp/"))
  }

  @Test(arguments: [
    (["token", "--actor", "x", "--role", "emperor"], "--role is one of"),
    (["token", "--actor", "x", "--role", "lead"], "needs --institution"),
    (["token", "--actor", "x", "--role", "lead", "--institution", "y", "--days", "400"], "--days is 1 to 366"),
    (["import"], "Missing expected argument"),
    (["sing"], "Unexpected argument"),
  ])
  func `wrong use ends with status 64 and says what is right`(arguments: [String], message: String) async throws {
    let output = try await Program.run(arguments, home: try Program.makeHome("usage"))
    #expect(output.status == 64)
    #expect(output.errors.contains(message), "\(output.errors)")
  }

  @Test func `a plan file with fatal rows is refused with every line, and nothing is stored`() async throws {
    let home = try Program.makeHome("fatal")
    let file = "\(home)/broken.yaml"
    let text = try String(contentsOfFile: Program.planFile, encoding: .utf8)
      .replacingOccurrences(of: "numeral: III\n", with: "numeral: IIII\n")
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    let output = try await Program.run(["import", file, "--json"], home: home)
    #expect(output.status == 1)
    let findings = try #require(JSONParser.parse(Array(output.text.utf8))["findings"]?.array)
    let fatal = findings.filter { $0["severity"]?.string == "fatal" }
    #expect(fatal.count > 1)
    #expect(fatal.allSatisfy { $0["line"]?.integer != nil })
    #expect(try await Program.run(["verify"], home: home).text.isEmpty)
  }

  @Test func `a server that is reachable from outside is refused without a proxy`() async throws {
    let output = try await Program.run(
      ["serve"], home: try Program.makeHome("outside"), environment: ["FEDERWERK_HOST": "0.0.0.0"])
    #expect(output.status == 1)
    #expect(output.errors.contains("--behind-proxy"))
  }
}
