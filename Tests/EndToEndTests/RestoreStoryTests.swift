import EventSourcing
import Foundation
import HangLimit
import Postgres
import TestDatabases
import Testing

/// Databases that are restored, shared or gone.
@Suite(.hangLimit) struct RestoreStoryTests {
  @Test func `a restored backup is read-only until an operator opens a new epoch`() async throws {
    try await withMigratedDatabase { database in
      let home = try Program.makeHome("restore")
      let original = ["DATABASE_URL": database.serviceConnectionString, "FEDERWERK_HOME": home]
      var server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: original)
      var client = try await Client(server, role: "coordinator")
      try await makePlan(client)
      try await raise(client, count: 3)
      await server.stop()

      try await withBackup(of: database) { restoredDatabase in
        server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: original)
        client.address = server.address
        try await raise(client, count: 2)
        try await waitForCheckpoint(client, size: 6)
        await server.stop()

        let restored = original.merging(restoredDatabase) { $1 }
        let check = try await Program.run(["backup-check"], home: home, environment: restored)
        #expect(check.status == 1)
        #expect(check.text.contains("log-regressed"), "\(check.text)")
        server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: restored)
        client.address = server.address
        let refused = try await client.command(
          "raise-issue", #"{"kind":"question","text":"Geht es?"}"#, plan: "restore")
        #expect(refused.status == 503)
        #expect(refused.code == "log-regressed", "\(refused.text)")
        #expect(try await client.get("/readyz").status == 503)
        // What the backup holds can be read, and says how far it goes.
        let view = try await client.get("/v1/plans/restore/issues")
        #expect(view.status == 200 && view.headers["plan-position"] == "3", "\(view.text)")
        // One such plan does not take the others from the list.
        let listed = try await client.get("/v1/plans")
        #expect(listed.status == 200)
        #expect(listed.json["plans"]?.array?.first?["trouble"]?.string == "log-regressed", "\(listed.text)")
        await server.stop()

        try await openEpoch(home: home, environment: restored)
        server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: restored)
        client.address = server.address
        try await raise(client, count: 1)
        let events = try await client.allEvents(of: "restore")
        #expect(events.count == 6)
        #expect(events[4]["type"]?.string == "org.federwerk.log.epoch-opened.v1")
        #expect(events[4]["data"]?["publishedSize"]?.integer == 6)
        #expect(events[5]["source"]?.string?.hasSuffix("epoch:2") == true)
        try await waitForCheckpoint(client, size: 6)
        try await OutsideTools.checkLog(of: "restore", server: server, client: client, environment: restored)
        await server.stop()
      }
    }
  }

  @Test func `a partner's feed goes on in a new epoch, and whoever has events that were lost is told`() async throws {
    try await withMigratedDatabase { database in
      let home = try Program.makeHome("restore-feed")
      let original = ["DATABASE_URL": database.serviceConnectionString, "FEDERWERK_HOME": home]
      var server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: original)
      var client = try await Client(server, role: "coordinator")
      try await makePlan(client)
      for (command, body) in [
        ("register-partner-system", #"{"slug":"press","name":"Pressestelle"}"#),
        ("subscribe-feed", #"{"partner":"press","slug":"press","terms":{"types":["issue.*"]}}"#),
      ] { #expect(try await client.command(command, body, plan: "restore").status == 201) }
      try await raise(client, count: 3)
      // The feed's own beginning comes first.
      _ = try await client.events(ofFeed: Self.feed, until: 4)
      await server.stop()

      try await withBackup(of: database) { restoredDatabase in
        server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: original)
        client.address = server.address
        try await raise(client, count: 2)
        let lost = try #require(try await client.events(ofFeed: Self.feed, until: 6)[4]["source"]?.string)
        try await waitForCheckpoint(client, size: 8)
        await server.stop()

        let restored = original.merging(restoredDatabase) { $1 }
        try await openEpoch(home: home, environment: restored)
        server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: restored)
        client.address = server.address
        try await raise(client, count: 2)
        let events = try await client.events(ofFeed: Self.feed, until: 6)
        #expect(events.map { $0["source"]?.string?.suffix(1) } == ["1", "1", "1", "1", "2", "2"])
        let told = try await client.get("\(Self.feed)?lastEventId=\(Position(4).padded.description)&source=\(lost)")
        #expect(told.status == 410 && told.code == "epoch-ended", "\(told.text)")
        let kept = try await client.get("\(Self.feed)?lastEventId=\(Position(3).padded.description)&source=\(lost)")
        #expect(kept.json.array?.count == 2, "what both epochs have is no loss")
        await server.stop()
      }
    }
  }

  private static let feed = "/v1/plans/restore/feeds/press"

  @Test func `two programs on one database answer with one order`() async throws {
    try await withMigratedDatabase { database in
      let home = try Program.makeHome("pair")
      let environment = ["DATABASE_URL": database.serviceConnectionString]
      let one = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: environment)
      let two = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: environment)
      let first = try await Client(one, role: "coordinator")
      var second = first
      second.address = two.address
      try await makePlan(first)
      let clients = [first, second]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in clients { group.addTask { try await raise(client, count: 40) } }
        try await group.waitForAll()
      }
      let events = try await first.allEvents(of: "restore")
      #expect(events.count == 81)
      let seen = try await second.get(
        "/v1/plans/restore/tree", headers: ["Plan-Position-Min": "80"])
      #expect(seen.json["position"]?.integer == 80)
      await one.stop()
      await two.stop()
    }
  }

  @Test func `a full disk refuses the command and nothing else`() async throws {
    try await withMigratedDatabase { database in
      // PostgreSQL reports a full disk as SQLSTATE 53100; a trigger that raises it stands in for the disk.
      let home = try Program.makeHome("full")
      let server = try await RunningServer.start(
        home: home, arguments: ["--unsafe"], environment: ["DATABASE_URL": database.serviceConnectionString])
      let client = try await Client(server, role: "coordinator")
      try await makePlan(client)
      try await execute(
        """
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN RAISE EXCEPTION ''disk full'' USING ERRCODE = ''53100''; END';
        CREATE TRIGGER full_disk BEFORE INSERT ON ledger.events FOR EACH ROW EXECUTE FUNCTION full_disk()
        """, database)
      let refused = try await client.command("raise-issue", #"{"kind":"question","text":"Platz?"}"#, plan: "restore")
      #expect(refused.status == 503)
      #expect(refused.code == "store-full", "\(refused.text)")
      #expect(refused.headers["retry-after"] != nil)
      #expect(try await client.allEvents(of: "restore").count == 1)
      try await execute("DROP TRIGGER full_disk ON ledger.events", database)
      try await raise(client, count: 1)
      await server.stop()
    }
  }

  @Test func `the service refuses a database that it could change or lose`() async throws {
    try await withMigratedDatabase { database in
      let home = try Program.makeHome("refuse")
      let owner = try await Program.run(
        ["serve", "--unsafe"], home: home, environment: ["DATABASE_URL": database.connectionString])
      #expect(owner.status == 1)
      #expect(owner.errors.contains("superuser"), "\(owner.errors)")
      let unsafe = try await Program.run(
        ["serve"], home: home, environment: ["DATABASE_URL": database.serviceConnectionString])
      #expect(unsafe.status == 1)
      #expect(unsafe.errors.contains("fsync"), "\(unsafe.errors)")
    }
  }

  /// Copies a database as it is now and lends the environment of a server on the copy, which is dropped afterwards.
  private func withBackup(of database: TestDatabase, _ body: ([String: String]) async throws -> Void) async throws {
    let backup = "\(database.name)_backup"
    try await execute("CREATE DATABASE \(backup) TEMPLATE \(database.name)", database)
    try await body([
      "DATABASE_URL": database.serviceConnectionString.replacingOccurrences(
        of: "dbname='\(database.name)'", with: "dbname='\(backup)'")
    ])
    try await execute("DROP DATABASE \(backup) WITH (FORCE)", database)
  }

  private func openEpoch(home: String, environment: [String: String]) async throws {
    let opened = try await Program.run(
      ["log", "new-epoch", "restore", "--reason", "Rücksicherung"], home: home, environment: environment)
    #expect(opened.status == 0, "\(opened.errors)")
  }

  private func makePlan(_ client: Client) async throws {
    let answer = try await client.send(
      "POST", "/v1/plans", body: #"{"slug":"restore","title":"Probe"}"#, headers: ["Idempotency-Key": "make"])
    #expect(answer.status == 201, "\(answer.text)")
  }

  private func raise(_ client: Client, count: Int) async throws {
    for number in 0..<count {
      let answer = try await client.command(
        "raise-issue", #"{"kind":"question","text":"Frage \#(number)"}"#, plan: "restore")
      #expect(answer.status == 201, "\(answer.text)")
    }
  }

  /// The publisher works in its own time; each question here is one of the bounded tries until it has.
  private func waitForCheckpoint(_ client: Client, size: Int) async throws {
    for _ in 0..<2000 {
      let note = try await client.get("/v1/plans/restore/log/checkpoint").text
      if note.split(separator: "\n").dropFirst().first == "\(size)" { return }
    }
    Issue.record("no checkpoint of size \(size)")
  }

  private func execute(_ sql: String, _ database: TestDatabase) async throws {
    let settings = PostgresConfiguration(
      connectionString: sql.contains("DATABASE")
        ? database.connectionString.replacingOccurrences(of: "dbname='\(database.name)'", with: "dbname='postgres'")
        : database.connectionString)
    try await PostgresConnection.withConnection(settings, logger: testLogger) { try await $0.execute(script: sql) }
  }
}
