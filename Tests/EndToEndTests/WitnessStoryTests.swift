import EventSourcing
import Foundation
import HangLimit
import Postgres
import TestDatabases
import Testing

/// Partners who cosign what a log publishes, and keys that change.
@Suite(.serialized, .hangLimit) struct WitnessStoryTests {
  @Test func `nothing is published without the witness, and a fork gets no cosignature`() async throws {
    try await withMigratedDatabase { database in
      let home = try Program.makeHome("witnessed")
      let environment = ["DATABASE_URL": database.serviceConnectionString, "FEDERWERK_HOME": home]
      var server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: environment)
      var client = try await Client(server, role: "coordinator")
      try await makePlan(client)
      await server.stop()
      let keys = try await Program.run(["keys", "--json"], home: home, environment: environment)
      let logKey = try #require(try JSONParser.parse(Array(keys.text.utf8))["witnessed"]?.array?.first?.string)

      let witnessHome = try Program.makeHome("witness")
      let name = "witness.example.org/stadt"
      var witness = try await RunningServer.start(
        "witness", home: witnessHome, arguments: ["--name", name, "--log", logKey])
      let witnessKey = try #require(
        witness.greeting.split(separator: "\n").first { $0.hasPrefix("Verifier key: ") }?.dropFirst(14))
      let policy = "\(home)/witnesses"
      func writePolicy(_ witness: RunningServer) throws {
        try "witness stadt \(witnessKey) \(witness.address)\nquorum stadt\n"
          .write(toFile: policy, atomically: true, encoding: .utf8)
      }
      try writePolicy(witness)
      let watched = environment.merging(["FEDERWERK_WITNESS_POLICY": policy]) { $1 }

      server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: watched)
      client.address = server.address
      try await raise(client)
      let cosigned = try await checkpoint(client, size: 2)
      #expect(cosigned.split(separator: "\n").count { $0.hasPrefix("\u{2014} ") } == 2, "\(cosigned)")
      try await expectCosigned(cosigned, String(witnessKey), home)
      // The log's own policy says so, and an auditor can bring it from elsewhere.
      let bundle = "\(home)/bundle.tar"
      let exported = try await Program.run(
        ["audit", "export", "witnessed", "-o", bundle], home: home, environment: watched)
      #expect(exported.status == 0, "\(exported.errors)")
      let full = "\(home)/policy"
      try await client.get("/v1/plans/witnessed/log/policy").text.write(toFile: full, atomically: true, encoding: .utf8)
      let verified = try await Program.run(["audit", "verify", bundle, "--policy", full], home: witnessHome)
      #expect(verified.status == 0, "\(verified.text) \(verified.errors)")
      #expect(verified.text.contains(name), "\(verified.text)")

      // Without the witness commands go on, and no checkpoint is published.
      await witness.stop()
      try await raise(client)
      try await raise(client)
      let held = try await client.get("/v1/plans/witnessed/log/checkpoint").text
      #expect(held == cosigned)
      let alone = try await Program.run(
        ["audit", "export", "witnessed", "-o", bundle], home: home, environment: watched)
      #expect(alone.status == 1)
      #expect(alone.errors.contains("witnesses"), "\(alone.errors)")
      // It remembers what it has cosigned, wherever it listens.
      witness = try await RunningServer.start(
        "witness", home: witnessHome, arguments: ["--name", name, "--log", logKey])
      try writePolicy(witness)
      await server.stop()
      server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: watched)
      client.address = server.address
      let later = try await checkpoint(client, size: 4)
      try await expectCosigned(later, String(witnessKey), home)
      await server.stop()

      try await fork(database, home, watched, cosigned: later)
      await witness.stop()
      for folder in [home, witnessHome] { try FileManager.default.removeItem(atPath: folder) }
    }
  }

  /// Somebody with the keys and a copy of the database, who lets another history grow; the mark of what was published
  /// is not with them.
  private func fork(
    _ database: TestDatabase, _ home: String, _ environment: [String: String], cosigned: String
  ) async throws {
    let copy = "\(database.name)_fork"
    try await execute("CREATE DATABASE \(copy) TEMPLATE \(database.name)", database)
    let settings = PostgresConfiguration(
      connectionString: database.connectionString.replacingOccurrences(
        of: "dbname='\(database.name)'", with: "dbname='\(copy)'"))
    try await PostgresConnection.withConnection(settings, logger: testLogger) { connection in
      // The superuser takes back what the witness has seen, and what was published of it.
      try await connection.execute(
        script: """
          ALTER TABLE ledger.logs DISABLE TRIGGER ALL; ALTER TABLE ledger.events DISABLE TRIGGER ALL;
          ALTER TABLE ledger.checkpoints DISABLE TRIGGER ALL; ALTER TABLE ledger.disclosures DISABLE TRIGGER ALL;
          ALTER TABLE ledger.receipts DISABLE TRIGGER ALL;
          DELETE FROM ledger.checkpoints; DELETE FROM ledger.receipts; DELETE FROM ledger.disclosures;
          DELETE FROM ledger.events WHERE position >= 1;
          UPDATE ledger.logs SET size = 1,
            root = (SELECT leaf_hash FROM ledger.events WHERE position = 0),
            frontier = (SELECT leaf_hash FROM ledger.events WHERE position = 0);
          """)
    }
    let forkHome = try Program.makeHome("fork")
    try FileManager.default.copyItem(atPath: "\(home)/keys", toPath: "\(forkHome)/keys")
    let forked = environment.merging([
      "DATABASE_URL": database.serviceConnectionString.replacingOccurrences(
        of: "dbname='\(database.name)'", with: "dbname='\(copy)'"), "FEDERWERK_HOME": forkHome,
    ]) { $1 }
    let server = try await RunningServer.start(home: forkHome, arguments: ["--unsafe"], environment: forked)
    var client = try await Client(server, role: "coordinator")
    client.address = server.address
    for _ in 0..<5 { try await raise(client) }
    let exported = try await Program.run(
      ["audit", "export", "witnessed", "-o", "\(forkHome)/fork.tar"], home: forkHome, environment: forked)
    #expect(exported.status == 1, "the fork was published: \(exported.text)")
    #expect(exported.errors.contains("witnesses"), "\(exported.errors)")
    // Without a witness the fork is published, and whoever kept a checkpoint of before finds it out.
    let unwatched = forked.merging(["FEDERWERK_WITNESS_POLICY": "/dev/null"]) { $1 }.filter {
      $0.key != "FEDERWERK_WITNESS_POLICY"
    }
    let published = try await Program.run(
      ["audit", "export", "witnessed", "-o", "\(forkHome)/fork.tar"], home: forkHome, environment: unwatched)
    #expect(published.status == 0, "\(published.errors)")
    let kept = "\(forkHome)/kept"
    try cosigned.write(toFile: kept, atomically: true, encoding: .utf8)
    let compared = try await Program.run(
      ["audit", "verify", "\(forkHome)/fork.tar", "--checkpoint", kept], home: forkHome, environment: unwatched)
    #expect(compared.status == 1)
    #expect(compared.text.contains("known-root"), "\(compared.text)")
    await server.stop()
    try await execute("DROP DATABASE \(copy) WITH (FORCE)", database)
    try FileManager.default.removeItem(atPath: forkHome)
  }

  @Test func `while a key is exchanged both sign, and afterwards old checkpoints still verify`() async throws {
    try await withMigratedDatabase { database in
      let home = try Program.makeHome("rotation")
      let environment = ["DATABASE_URL": database.serviceConnectionString, "FEDERWERK_HOME": home]
      func keys() async throws -> [String] {
        let output = try await Program.run(["keys", "--json"], home: home, environment: environment)
        return try JSONParser.parse(Array(output.text.utf8))["witnessed"]?.array?.compactMap(\.string) ?? []
      }
      func verify(_ bundle: String, _ key: String) async throws -> Int32 {
        try await Program.run(["audit", "verify", bundle, "--key", key], home: home, environment: environment).status
      }
      func exported(_ name: String) async throws -> String {
        let file = "\(home)/\(name).tar"
        let output = try await Program.run(
          ["audit", "export", "witnessed", "-o", file], home: home, environment: environment)
        #expect(output.status == 0, "\(output.errors)")
        return file
      }
      func during(_ body: (Client) async throws -> Void) async throws {
        let server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: environment)
        try await body(try await Client(server, role: "coordinator"))
        await server.stop()
      }
      try await during { try await makePlan($0) }
      let old = try #require(try await keys().first)
      let before = try await exported("before")

      let early = try await Program.run(["keys", "rotate", "--finish"], home: home, environment: environment)
      #expect(early.status == 1)
      #expect(try await Program.run(["keys", "rotate"], home: home, environment: environment).status == 0)
      #expect(try await Program.run(["keys", "rotate"], home: home, environment: environment).status == 0)
      let unsigned = try await Program.run(["keys", "rotate", "--finish"], home: home, environment: environment)
      #expect(unsigned.status == 1)
      #expect(unsigned.errors.contains("not signed by both keys yet"), "\(unsigned.errors)")
      try await during { try await raise($0) }
      let both = try await keys()
      #expect(both.count == 2 && both[0] == old)
      let new = both[1]
      let meanwhile = try await exported("meanwhile")
      #expect(try await verify(meanwhile, old) == 0)
      #expect(try await verify(meanwhile, new) == 0)

      #expect(try await Program.run(["keys", "rotate", "--finish"], home: home, environment: environment).status == 0)
      try await during { try await raise($0) }
      #expect(try await keys() == [new, old])
      let after = try await exported("after")
      #expect(try await verify(after, new) == 0)
      #expect(try await verify(after, old) == 1)
      #expect(try await verify(before, old) == 0)
      // Whoever takes the keys that come with a log has the old one among them.
      let unaided = try await Program.run(["audit", "verify", before], home: home, environment: environment)
      #expect(unaided.status == 0, "\(unaided.text)")
      try FileManager.default.removeItem(atPath: home)
    }
  }

  // MARK: - Steps

  private func makePlan(_ client: Client) async throws {
    let answer = try await client.send(
      "POST", "/v1/plans", body: #"{"slug":"witnessed","title":"Probe"}"#, headers: ["Idempotency-Key": "make"])
    #expect(answer.status == 201, "\(answer.text)")
  }

  private func raise(_ client: Client) async throws {
    let answer = try await client.command("raise-issue", #"{"kind":"question","text":"Geht es?"}"#, plan: "witnessed")
    #expect(answer.status == 201, "\(answer.text)")
  }

  /// The publisher works in its own time; each question here is one of the bounded tries until it has.
  private func checkpoint(_ client: Client, size: Int) async throws -> String {
    for _ in 0..<5000 {
      let note = try await client.get("/v1/plans/witnessed/log/checkpoint").text
      if note.split(separator: "\n").dropFirst().first == "\(size)" { return note }
    }
    Issue.record("no checkpoint of size \(size)")
    return ""
  }

  private func expectCosigned(_ note: String, _ key: String, _ home: String) async throws {
    let file = "\(home)/checkpoint"
    try note.write(toFile: file, atomically: true, encoding: .utf8)
    try await OutsideTools.checkCosignature(file, key: key)
  }

  private func execute(_ sql: String, _ database: TestDatabase) async throws {
    let settings = PostgresConfiguration(
      connectionString: database.connectionString.replacingOccurrences(
        of: "dbname='\(database.name)'", with: "dbname='postgres'"))
    try await PostgresConnection.withConnection(settings, logger: testLogger) { try await $0.execute(script: sql) }
  }
}
