import EventLogPostgres
import EventSourcing
import HangLimit
import Postgres
import Schema
import TestDatabases
import Testing

/// Databases of earlier releases, brought forward.
@Suite(.hangLimit) struct LedgerUpgradeTests {
  private static let plan = EntityID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)

  @Test func `receipts written before they were found by a digest are found afterwards`() async throws {
    let key = ReceiptKey(actor: "users/01900000-0000-7000-8000-000000000002", key: "Schlüssel 1")
    try await withTestDatabase { database in
      let settings = PostgresConfiguration(connectionString: database.connectionString)
      try await PostgresConnection.withConnection(settings, logger: testLogger) { connection in
        let before = Migrations.all.filter { $0.number <= 3 }
        try await PostgresMigrator().migrate(on: connection, migrations: before)
        _ = try await connection.query(
          "INSERT INTO ledger.receipts (plan_id, actor, key, command_hash, answer) VALUES ($1, $2, $3, $4, $5)",
          [Self.plan, key.actor, key.key, [1, 2] as [UInt8], [3] as [UInt8]])
        try await PostgresMigrator().migrate(on: connection, migrations: Migrations.all)
      }
      let log = PostgresEventLog(configuration: settings, logger: testLogger)
      try await running(log) {
        let others = [ReceiptKey(actor: key.actor, key: "Schlüssel"), ReceiptKey(actor: "users", key: key.key)]
        let receipts = try await log.receipts(of: Self.plan, for: [key] + others)
        #expect(receipts == [Receipt(key: key, commandHash: [1, 2], answer: [3])])
      }
    }
  }
}
