public import EventSourcing
internal import Postgres

/// What the service must find before it serves: safe settings of the database, and no more rights than it needs.
public enum DatabaseConcern: Error, Sendable, CustomStringConvertible {
  case setting(String, String)
  case tooPowerful(String)
  case notMigrated

  public var description: String {
    switch self {
    case .setting(let name, let value):
      "the database runs with \(name) = \(value), so an acknowledged command could be lost; set it to on, or start with --unsafe for a throw-away database"
    case .tooPowerful(let what):
      "the database login is \(what); serve with a login that is only a member of federwerk_app"
    case .notMigrated:
      "the database lacks tables of this version; run: federwerk migrate"
    }
  }
}

extension PostgresEventLog {
  /// Everything that speaks against serving from this database with this login.
  public func concerns() async throws(EventLogFailure) -> [DatabaseConcern] {
    let rows = try await query(
      """
      SELECT current_setting('fsync'), current_setting('full_page_writes'), r.rolsuper, r.rolbypassrls,
        coalesce(pg_has_role(current_user, (SELECT oid FROM pg_roles WHERE rolname = 'federwerk_owner'), 'MEMBER'), false),
        to_regclass('projection.generations') IS NOT NULL
      FROM pg_roles r WHERE r.rolname = current_user
      """, [])
    do {
      guard let row = rows.first else { return [] }
      var concerns: [DatabaseConcern] = []
      for (index, name) in ["fsync", "full_page_writes"].enumerated() {
        let value = try row.decode(index, as: String.self)
        if value != "on" { concerns.append(.setting(name, value)) }
      }
      if try row.decode(2, as: Bool.self) { concerns.append(.tooPowerful("a superuser")) }
      if try row.decode(3, as: Bool.self) { concerns.append(.tooPowerful("exempt from row security")) }
      if try row.decode(4, as: Bool.self) { concerns.append(.tooPowerful("the owner of the ledger")) }
      if try !row.decode(5, as: Bool.self) { concerns.append(.notMigrated) }
      return concerns
    } catch {
      throw EventLogFailure(.broken, "the store answered with an unexpected type", error)
    }
  }
}
