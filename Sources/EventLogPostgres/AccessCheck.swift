public import EventSourcing
public import Postgres

/// What the service must find before it serves: safe settings of the database, the tables that this build knows, and no
/// more rights than it needs.
public enum DatabaseConcern: Error, Sendable, CustomStringConvertible {
  case setting(String, String)
  case tooPowerful(String)
  case notMigrated
  /// The database has had migrations that this build does not know, or knows with another text.
  case migratedOtherwise(PostgresMigrationError)

  public var description: String {
    switch self {
    case .setting(let name, let value):
      "the database runs with \(name) = \(value), so an acknowledged command could be lost; set it to on, or start with --unsafe for a throw-away database"
    case .tooPowerful(let what):
      "the database login is \(what); serve with a login that is only a member of federwerk_app"
    case .notMigrated:
      "the database lacks migrations of this version; run: federwerk migrate"
    case .migratedOtherwise(let misfit): "the database does not fit this version: \(misfit)"
    }
  }
}

extension PostgresEventLog {
  /// Everything that speaks against serving from this database with this login. Asked on a connection of its own, so it
  /// may be called before anything runs.
  /// - Parameter migrations: those that this build knows; the database must have had exactly these.
  public func concerns(migrations: [PostgresMigration]) async throws(EventLogFailure) -> [DatabaseConcern] {
    do {
      return try await PostgresConnection.withConnection(pool.configuration, logger: logger) { connection in
        try await Self.concerns(aboutSettingsOf: connection) + Self.concerns(about: migrations, on: connection)
      }
    } catch let error as PostgresError {
      throw EventLogFailure(error)
    } catch {
      throw EventLogFailure(.cancelled, "cancelled", error)
    }
  }

  private static func concerns(
    aboutSettingsOf connection: PostgresConnection
  ) async throws(PostgresError) -> [DatabaseConcern] {
    let rows = try await connection.query(
      """
      SELECT current_setting('fsync'), current_setting('full_page_writes'), r.rolsuper, r.rolbypassrls,
        coalesce(pg_has_role(current_user, (SELECT oid FROM pg_roles WHERE rolname = 'federwerk_owner'), 'MEMBER'), false)
      FROM pg_roles r WHERE r.rolname = current_user
      """)
    guard let row = rows.first else { return [] }
    var concerns: [DatabaseConcern] = []
    for (index, name) in ["fsync", "full_page_writes"].enumerated() {
      let value = try row.decode(index, as: String.self)
      if value != "on" { concerns.append(.setting(name, value)) }
    }
    if try row.decode(2, as: Bool.self) { concerns.append(.tooPowerful("a superuser")) }
    if try row.decode(3, as: Bool.self) { concerns.append(.tooPowerful("exempt from row security")) }
    if try row.decode(4, as: Bool.self) { concerns.append(.tooPowerful("the owner of the ledger")) }
    return concerns
  }

  private static func concerns(
    about migrations: [PostgresMigration], on connection: PostgresConnection
  ) async throws(PostgresError) -> [DatabaseConcern] {
    // The migration that lets the service read them is one of those that may be lacking.
    let readable = try await connection.query(
      "SELECT coalesce(has_table_privilege(to_regclass('public.federwerk_migrations'), 'SELECT'), false)")
    guard try readable[0].decode(0, as: Bool.self) else { return [.notMigrated] }
    do throws(PostgresError) {
      let pending = try await PostgresMigrator().status(on: connection, migrations: migrations).pending
      return pending.isEmpty ? [] : [.notMigrated]
    } catch {
      guard case .migration(let misfit) = error.kind else { throw error }
      return [.migratedOtherwise(misfit)]
    }
  }
}
