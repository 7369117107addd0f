/// Why the migrations of this program do not fit the database.
public enum PostgresMigrationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text of a migration that has been applied is not the text this program has.
  case checksumChanged(number: Int, name: String)
  /// The database was migrated by a newer program.
  case unknownNewer(database: Int, known: Int)
  /// The database has a migration that this program lacks although it has later ones.
  case unknownApplied(number: Int, name: String)
  /// A new migration has a lower number than one that has been applied.
  case outOfOrder(number: Int, applied: Int)
  /// Two migrations of this program have the same number.
  case duplicateNumber(Int)
  /// A migration's text ended the transaction it runs in, so it has been applied at least in part but is not recorded.
  case endedTransaction(number: Int)

  public var description: String {
    switch self {
    case .checksumChanged(let number, let name):
      "migration \(number) (\(name)) was applied with another text; restore its file, and put the change into a new one"
    case .unknownNewer(let database, let known):
      "the database is at migration \(database), this program knows only up to \(known); run a newer program"
    case .unknownApplied(let number, let name):
      "the database has migration \(number) (\(name)), which this program does not know"
    case .outOfOrder(let number, let applied):
      "migration \(number) is new but \(applied) has been applied already; give it a higher number"
    case .duplicateNumber(let number): "two migrations have the number \(number)"
    case .endedTransaction(let number): "migration \(number) contains COMMIT or ROLLBACK; each runs in one transaction"
    }
  }
}
