package import Postgres

/// The numbered migrations, embedded into the binary; forward only, and never changed once released.
package enum Migrations {
  /// In order. The embedding names a file by its name with the leading digit replaced. The newest number is the schema
  /// version that this build serves.
  package static let all: [PostgresMigration] = [
    migration(1, "create_event_log", PackageResources._001_create_event_log_sql),
    migration(2, "create_read_models", PackageResources._002_create_read_models_sql),
    migration(3, "erasure", PackageResources._003_erasure_sql),
    migration(4, "receipts_by_digest", PackageResources._004_receipts_by_digest_sql),
    migration(5, "tiles", PackageResources._005_tiles_sql),
    migration(6, "webhook_deliveries", PackageResources._006_webhook_deliveries_sql),
    migration(7, "consumers", PackageResources._007_consumers_sql),
    migration(8, "webhook_consent", PackageResources._008_webhook_consent_sql),
    migration(9, "report_corrections", PackageResources._009_report_corrections_sql),
    migration(10, "readable_migrations", PackageResources._010_readable_migrations_sql),
  ]

  private static func migration(_ number: Int, _ name: String, _ sql: [UInt8]) -> PostgresMigration {
    PostgresMigration(number: number, name: name, sql: String(decoding: sql, as: UTF8.self))
  }
}
