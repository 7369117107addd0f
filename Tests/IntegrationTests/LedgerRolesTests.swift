import HangLimit
import Postgres
import TestDatabases
import Testing

/// What each role may do to the ledger, tried as that role.
@Suite(.hangLimit) struct LedgerRolesTests {
  static let tables = ["plans", "logs", "events", "disclosures", "receipts", "checkpoints", "tiles"]

  static let changes: [String] = tables.flatMap { table in
    ["UPDATE ledger.\(table) SET plan_id = plan_id", "DELETE FROM ledger.\(table)", "TRUNCATE ledger.\(table)"]
  }

  static let insertions: [String] = [
    "INSERT INTO ledger.plans VALUES (gen_random_uuid(), 'x')",
    "INSERT INTO ledger.receipts VALUES (gen_random_uuid(), gen_random_uuid(), '', '')",
    "INSERT INTO ledger.events VALUES (gen_random_uuid(), 'main', 0, 't', 's', now(), now(), 'x', sha256('\\x0078'::bytea))",
    "INSERT INTO ledger.tiles VALUES (gen_random_uuid(), 'main', 0, 0, '', '')",
    "INSERT INTO ledger.checkpoints VALUES (gen_random_uuid(), 'main', 1, 0, '', '', now())",
  ]

  static let escapes: [String] = [
    "ALTER TABLE ledger.events DISABLE TRIGGER ALL", "SET session_replication_role = replica",
    "SET ROLE federwerk_owner", "DROP TABLE ledger.events", "ALTER TABLE ledger.events OWNER TO CURRENT_USER",
    "CREATE TABLE ledger.mine (x int)",
    "CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "INSERT INTO ledger.receipts VALUES (gen_random_uuid(), gen_random_uuid(), '', '') ON CONFLICT (plan_id, id) DO UPDATE SET answer = 'x'",
  ]

  @Test(arguments: changes + insertions + escapes)
  func `the service's role may not write around the append`(statement: String) async throws {
    try await expectDenied(statement, as: "test_service")
  }

  @Test(arguments: changes + insertions + escapes)
  func `the auditor's role changes nothing`(statement: String) async throws {
    try await expectDenied(statement, as: "test_auditor")
  }

  @Test(arguments: changes + tables.map { "SELECT * FROM ledger.\($0)" })
  func `the reader's role does not even see the ledger`(statement: String) async throws {
    try await expectDenied(statement, as: "test_reader")
  }

  @Test func `an auditor reads events and checkpoints but neither receipts nor the append`() async throws {
    try await withLogin("test_auditor") { connection in
      _ = try await connection.query("SELECT count(*) FROM ledger.events")
      _ = try await connection.query("SELECT count(*) FROM ledger.checkpoints")
    }
    try await expectDenied("SELECT * FROM ledger.receipts", as: "test_auditor")
    try await expectDenied(
      "SELECT ledger.publish_checkpoint(gen_random_uuid(), 'main', 1, 0, '', '')", as: "test_auditor")
  }

  @Test(arguments: ["UPDATE ledger.events SET type = 'x'", "DELETE FROM ledger.events", "TRUNCATE ledger.events"])
  func `even a superuser meets the triggers first`(statement: String) async throws {
    try await withMigratedDatabase { database in
      let connection = PostgresConfiguration(connectionString: database.connectionString)
      try await PostgresConnection.withConnection(connection, logger: testLogger) { connection in
        try await connection.execute(
          script: """
            INSERT INTO ledger.events VALUES ('00000000-0000-7000-8000-000000000000', 'main', 0, 't', 's', now(), now(),
              'x', sha256('\\x0078'::bytea))
            """)
        for prefix in ["", "SET session_replication_role = replica; "] {
          await #expect(throws: PostgresError.self) { try await connection.execute(script: prefix + statement) }
        }
      }
    }
  }

  @Test func `an event whose leaf hash is not that of its bytes cannot be stored at all`() async throws {
    try await withMigratedDatabase { database in
      let connection = PostgresConfiguration(connectionString: database.connectionString)
      try await PostgresConnection.withConnection(connection, logger: testLogger) { connection in
        let error = await #expect(throws: PostgresError.self) {
          try await connection.execute(
            script: """
              INSERT INTO ledger.events VALUES (gen_random_uuid(), 'main', 0, 't', 's', now(), now(), 'x', sha256('y'))
              """)
        }
        #expect(error?.sqlState == "23514")
      }
    }
  }

  @Test(arguments: ["sha256('') || '\\x00'::bytea, ''", "sha256(''), '\\x00'"])
  func `a head that cannot be one is not stored`(rootAndFrontier: String) async throws {
    try await withLogin("test_service") { connection in
      let error = await #expect(throws: PostgresError.self) {
        try await connection.execute(
          script: """
            SELECT * FROM ledger.append_events(
              gen_random_uuid(), 'main', 0, 1, 1, 'o', \(rootAndFrontier), 'p', '{}', '{}', '{}', '{}', '{}', '{}',
              NULL, NULL, NULL, NULL, NULL, NULL)
            """)
      }
      #expect(error?.sqlState == "FW004")
    }
  }

  private func expectDenied(_ statement: String, as login: String) async throws {
    try await withLogin(login) { connection in
      let error = await #expect(throws: PostgresError.self) { try await connection.execute(script: statement) }
      // 42501 insufficient privilege; 42P01 would mean that the test names no real table.
      #expect(error?.sqlState == "42501", "\(statement): \(error?.sqlState ?? "allowed")")
    }
  }

  private func withLogin(
    _ login: String, _ body: @Sendable (PostgresConnection) async throws -> Void
  ) async throws {
    try await withMigratedDatabase { database in
      let settings = PostgresConfiguration(connectionString: database.connectionString(user: login))
      try await PostgresConnection.withConnection(settings, logger: testLogger) { try await body($0) }
    }
  }
}
