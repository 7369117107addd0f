/// The prepared statements of one session, by SQL text and parameter types. Bounded; the least recently used goes
/// first.
struct StatementCache {
  private struct Entry {
    let name: String
    let types: [PostgresType]
    var lastUse: UInt64

    func fits(_ statement: PostgresStatement) -> Bool {
      guard types.count == statement.parameters.count else { return false }
      for (type, parameter) in zip(types, statement.parameters) where type != parameter.type { return false }
      return true
    }
  }

  /// Almost always one entry per text: the same text with other parameter types is another statement to the server.
  private var entries: [String: [Entry]] = [:]
  private let countMax: Int
  private(set) var count = 0
  private var uses: UInt64 = 0
  private var named: UInt64 = 0

  init(countMax: Int) {
    self.countMax = max(countMax, 1)
  }

  /// The name under which the server knows the statement.
  mutating func name(of statement: PostgresStatement) -> String? {
    guard let index = entries[statement.sql]?.firstIndex(where: { $0.fits(statement) }) else { return nil }
    uses += 1
    entries[statement.sql]?[index].lastUse = uses
    return entries[statement.sql]?[index].name
  }

  /// A name no statement of this session had before.
  mutating func makeName() -> String {
    named += 1
    return "fw\(named)"
  }

  /// Remembers a statement the server has prepared. Returns the name of the one to release for it, if the cache is
  /// full.
  mutating func insert(_ statement: PostgresStatement, name: String) -> String? {
    let released = count >= countMax ? removeLeastRecentlyUsed() : nil
    uses += 1
    count += 1
    entries[statement.sql, default: []].append(
      Entry(name: name, types: statement.parameters.map(\.type), lastUse: uses))
    return released
  }

  /// Forgets a statement the server refused to execute as it was prepared. Returns its name, to be released.
  mutating func remove(_ statement: PostgresStatement) -> String? {
    guard let index = entries[statement.sql]?.firstIndex(where: { $0.fits(statement) }) else { return nil }
    let removed = entries[statement.sql]?.remove(at: index)
    if entries[statement.sql]?.isEmpty == true { entries[statement.sql] = nil }
    count -= 1
    return removed?.name
  }

  /// Forgets everything, as after DISCARD ALL.
  mutating func removeAll() {
    entries = [:]
    count = 0
  }

  /// Looks at every entry; only a full cache that meets a new statement pays for it.
  private mutating func removeLeastRecentlyUsed() -> String? {
    var oldest: (sql: String, index: Int, lastUse: UInt64)?
    for (sql, list) in entries {
      for (index, entry) in list.enumerated() where entry.lastUse < oldest?.lastUse ?? .max {
        oldest = (sql, index, entry.lastUse)
      }
    }
    guard let oldest else { return nil }
    let removed = entries[oldest.sql]?.remove(at: oldest.index)
    if entries[oldest.sql]?.isEmpty == true { entries[oldest.sql] = nil }
    count -= 1
    return removed?.name
  }
}
