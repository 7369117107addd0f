import EventSourcing
import Foundation
import HangLimit
import Postgres
import TamperEvidence
import TestDatabases
import Testing

/// Somebody with all rights on the database, whom no grant and no trigger stops: what each deed is found out by.
@Suite(.serialized, .hangLimit) struct TamperStoryTests {
  /// What was done, and the findings that tell of it.
  struct Deed: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sql: String
    /// Whether the head is made to fit afterwards, as somebody would who knows how the tree is built.
    var fitsHead = false
    /// Codes among the findings of `federwerk verify`.
    let verify: Set<String>
    /// Codes among the findings of `federwerk audit verify` with a checkpoint that was kept; none where it finds
    /// nothing.
    let audit: Set<String>
    /// What the API answers to a command on a server that starts afterwards.
    let answer: UInt
  }

  private static let changeByte = """
    UPDATE ledger.events SET body = set_byte(body, 40, get_byte(body, 40) # 1) WHERE position = 100;
    UPDATE ledger.events SET leaf_hash = sha256('\\x00'::bytea || body) WHERE position = 100;
    """
  private static let swap = """
    UPDATE ledger.events SET position = 100000 WHERE position = 100;
    UPDATE ledger.events SET position = 100 WHERE position = 101;
    UPDATE ledger.events SET position = 101 WHERE position = 100000;
    """
  private static let insert = """
    UPDATE ledger.events SET position = position + 100000 WHERE position >= 200;
    INSERT INTO ledger.events SELECT plan_id, log_id, 200, type, subject, effective_date, recorded_at, body, leaf_hash
      FROM ledger.events WHERE position = 199;
    UPDATE ledger.events SET position = position - 99999 WHERE position >= 100000;
    """
  private static let cutTail = "DELETE FROM ledger.events WHERE position >= 290;"

  static let deeds = [
    Deed(
      testDescription: "a byte of an event is changed", sql: changeByte, verify: ["root", "receipt"],
      audit: ["tile", "root"], answer: 503),
    Deed(
      testDescription: "a byte of an event is changed, and its hash is not",
      sql: "UPDATE ledger.events SET body = set_byte(body, 40, get_byte(body, 40) # 1) WHERE position = 100;",
      verify: ["leaf-hash", "root"], audit: ["tile", "root"], answer: 503),
    Deed(
      testDescription: "two events are swapped", sql: swap, verify: ["id", "root"], audit: ["id", "root"], answer: 503),
    Deed(
      testDescription: "an event is removed between others", sql: "DELETE FROM ledger.events WHERE position = 100;",
      verify: ["position", "id"], audit: ["entries-missing"], answer: 503),
    Deed(
      testDescription: "the tail is cut off", sql: cutTail, verify: ["size", "root"], audit: ["entries-missing"],
      answer: 503),
    Deed(
      testDescription: "the tail is cut off and the head set back", sql: cutTail, fitsHead: true,
      verify: ["log-regressed", "checkpoint-ahead"], audit: ["entries-missing"], answer: 503),
    Deed(
      testDescription: "the log is removed with all that belongs to it",
      sql: """
        DELETE FROM ledger.logs; DELETE FROM ledger.events; DELETE FROM ledger.receipts; DELETE FROM ledger.disclosures;
        DELETE FROM ledger.checkpoints; DELETE FROM ledger.tiles;
        """, verify: ["log-regressed"], audit: ["checkpoint"], answer: 503),
    Deed(
      testDescription: "an event is inserted", sql: insert, verify: ["id", "root"], audit: ["id", "root"], answer: 503),
    Deed(
      testDescription: "an event is inserted and the head made to fit", sql: insert, fitsHead: true,
      verify: ["id", "published-root", "checkpoint-root"], audit: ["id", "root"], answer: 503),
    Deed(
      testDescription: "a byte is changed and head, tiles and checkpoints made to fit",
      sql: changeByte + "DELETE FROM ledger.tiles; DELETE FROM ledger.checkpoints;", fitsHead: true,
      verify: ["published-root", "receipt"], audit: ["checkpoint"], answer: 503),
    Deed(
      testDescription: "a receipt is changed",
      sql: """
        UPDATE ledger.receipts SET answer = convert_to(replace(convert_from(answer, 'UTF8'), 'issue.raised',
          'issue.closed'), 'UTF8') WHERE position('issue.raised' in convert_from(answer, 'UTF8')) > 0;
        """, verify: ["receipt"], audit: [], answer: 201),
    Deed(
      testDescription: "receipts are removed",
      sql: "DELETE FROM ledger.receipts WHERE position('issue.raised' in convert_from(answer, 'UTF8')) > 0;",
      verify: ["receipt-missing"], audit: [], answer: 201),
    Deed(
      testDescription: "all receipts are removed", sql: "DELETE FROM ledger.receipts;", verify: ["receipt-missing"],
      audit: [], answer: 201),
    Deed(
      testDescription: "a receipt is put beside another",
      sql: """
        INSERT INTO ledger.receipts SELECT plan_id, gen_random_uuid(), command_hash, answer FROM ledger.receipts
          WHERE position('issue.raised' in convert_from(answer, 'UTF8')) > 0 LIMIT 1;
        """, verify: ["receipt"], audit: [], answer: 201),
    Deed(
      testDescription: "an older checkpoint is changed",
      sql: """
        INSERT INTO ledger.checkpoints SELECT plan_id, log_id, epoch, 5, decode(repeat('00', 32), 'hex'), note
          FROM ledger.checkpoints LIMIT 1;
        """, verify: ["checkpoint-size", "checkpoint-root"], audit: [], answer: 201),
    Deed(
      testDescription: "what the next append starts from is changed",
      sql: "UPDATE ledger.logs SET frontier = set_byte(frontier, 5, get_byte(frontier, 5) # 1);",
      verify: ["frontier"], audit: [], answer: 201),
    Deed(
      testDescription: "the time of the newest event is changed",
      sql: "UPDATE ledger.logs SET last_recorded_at = '2001-01-01';",
      verify: ["column last_recorded_at"], audit: [], answer: 201),
    Deed(
      testDescription: "a column for searching is changed",
      sql: "UPDATE ledger.events SET effective_date = '2001-01-01' WHERE position = 7;",
      verify: ["column effective_date"], audit: [], answer: 201),
    Deed(
      testDescription: "a tile is changed",
      sql: "UPDATE ledger.tiles SET hashes = set_byte(hashes, 5, get_byte(hashes, 5) # 1);", verify: [],
      audit: ["tile"], answer: 201),
    Deed(
      testDescription: "a value is put in place of another",
      sql: """
        UPDATE ledger.disclosures SET encoded = 'WyJBIiwidGV4dCIsIkFuZGVycyJd' WHERE position = 300;
        """, verify: ["column digest", "disclosure", "disclosure-missing"], audit: ["disclosure"], answer: 201),
    Deed(
      testDescription: "a value is removed",
      sql: "DELETE FROM ledger.disclosures WHERE position = 300;", verify: ["disclosure-missing"], audit: [],
      answer: 201),
  ]

  @Test(arguments: deeds) func `every deed is found out`(deed: Deed) async throws {
    try await withTamperedPlan(deed.sql, fitsHead: deed.fitsHead) { scene in
      let verified = try await scene.run(["verify", "tampered"])
      #expect(verified.status == (deed.verify.isEmpty ? 0 : 1), "\(verified.text)\(verified.errors)")
      for code in deed.verify { #expect(verified.text.contains(": \(code): "), "\(code) in \(verified.text)") }
      let audited = try await scene.run(["audit", "verify", "tampered", "--checkpoint", scene.checkpoint])
      if !deed.audit.isEmpty { #expect(audited.status == 1, "\(audited.text)\(audited.errors)") }
      for code in deed.audit { #expect(audited.text.contains(": \(code): "), "\(code) in \(audited.text)") }
      try await scene.withServer { client in
        let answer = try await client.command(
          "raise-issue", #"{"kind":"question","text":"Geht es?"}"#, plan: "tampered")
        #expect(answer.status == deed.answer, "\(answer.text)")
      }
    }
  }

  @Test func `a row of the tables for SQL that was changed differs from those of a rebuild`() async throws {
    try await withTamperedPlan(
      "UPDATE projection.issues SET state = 'resolved';", fitsHead: false
    ) { scene in
      let verified = try await scene.run(["projections", "verify", "tampered"])
      #expect(verified.status == 1, "\(verified.text)")
      #expect(try await scene.run(["projections", "rebuild", "tampered"]).status == 0)
      #expect(try await scene.run(["projections", "verify", "tampered"]).status == 0)
    }
  }

  // MARK: - The scene

  private struct Scene: Sendable {
    let home: String
    let environment: [String: String]
    /// A file with a checkpoint that an auditor kept.
    let checkpoint: String

    func run(_ arguments: [String]) async throws -> Program.Output {
      try await Program.run(arguments, home: home, environment: environment)
    }

    func withServer(_ body: (Client) async throws -> Void) async throws {
      let server = try await RunningServer.start(home: home, arguments: ["--unsafe"], environment: environment)
      let result: Result<Void, any Error>
      do { result = .success(try await body(try await Client(server, role: "coordinator"))) } catch {
        result = .failure(error)
      }
      await server.stop()
      try result.get()
    }
  }

  /// A plan with 301 published events, to which something is done while no server runs.
  private func withTamperedPlan(
    _ sql: String, fitsHead: Bool, _ body: @Sendable (Scene) async throws -> Void
  ) async throws {
    try await withMigratedDatabase { database in
      let home = try Program.makeHome("tampered")
      let scene = Scene(
        home: home, environment: ["DATABASE_URL": database.serviceConnectionString],
        checkpoint: "\(home)/kept-checkpoint")
      try await scene.withServer { client in
        let created = try await client.send(
          "POST", "/v1/plans", body: #"{"slug":"tampered","title":"Probe"}"#, headers: ["Idempotency-Key": "make"])
        #expect(created.status == 201, "\(created.text)")
        let list = (0..<299).map { #"{"command":"register-document","with":{"key":"D\#($0)","title":"T"}}"# }
        let answer = try await client.send(
          "POST", "/v1/plans/tampered/commands", body: "{\"commands\":[\(list.joined(separator: ","))]}",
          headers: ["Idempotency-Key": "documents"])
        #expect(answer.status == 201, "\(answer.text)")
        let raised = try await client.command(
          "raise-issue", #"{"kind":"question","text":"Wer zahlt?"}"#, plan: "tampered")
        #expect(raised.json["position"]?.integer == 300, "\(raised.text)")
        try await keepCheckpoint(client, scene.checkpoint)
        // The rows for SQL are there once the timeline is.
        try await waitForTimeline(client)
      }
      try await tamper(database, sql, fitsHead: fitsHead)
      try await body(scene)
      try FileManager.default.removeItem(atPath: home)
    }
  }

  /// The publisher works in its own time; each question here is one of the bounded tries until it has.
  private func keepCheckpoint(_ client: Client, _ file: String) async throws {
    for _ in 0..<5000 {
      let note = try await client.get("/v1/plans/tampered/log/checkpoint").text
      guard note.split(separator: "\n").dropFirst().first == "301" else { continue }
      return try note.write(toFile: file, atomically: true, encoding: .utf8)
    }
    Issue.record("no checkpoint of all events")
  }

  private func waitForTimeline(_ client: Client) async throws {
    for _ in 0..<5000 where try await client.get("/v1/plans/tampered/timeline?limit=1").status == 200 { return }
    Issue.record("no timeline")
  }

  private func tamper(_ database: TestDatabase, _ sql: String, fitsHead: Bool) async throws {
    let settings = PostgresConfiguration(connectionString: database.connectionString)
    try await PostgresConnection.withConnection(settings, logger: testLogger) { connection in
      let tables = ["events", "logs", "receipts", "disclosures", "checkpoints", "tiles"]
      try await connection.execute(
        script: tables.map { "ALTER TABLE ledger.\($0) DISABLE TRIGGER ALL;" }.joined()
          + "ALTER TABLE ledger.events DROP CONSTRAINT leaf_hash_of_body;" + sql)
      guard fitsHead else { return }
      let rows = try await connection.query("SELECT leaf_hash FROM ledger.events ORDER BY position", [])
      var frontier = MerkleFrontier()
      for row in rows { frontier.append(try #require(MerkleHash(bytes: try row.decode(0, as: [UInt8].self)))) }
      _ = try await connection.query(
        "UPDATE ledger.logs SET size = $1, root = $2, frontier = $3",
        [Int64(frontier.size), frontier.root.bytes, frontier.bytes])
    }
  }
}
