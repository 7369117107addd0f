/// An ERROR, FATAL or PANIC the server reported, with its fields.
///
/// Message, detail and context may quote stored data, so they belong in logs that may hold it and nowhere else.
public struct PostgresServerError: Error, Hashable, Sendable {
  /// The parts of a report, by the codes of the frontend/backend protocol ("Error and Notice Message Fields").
  public enum Field: UInt8, CaseIterable, Sendable {
    case severity = 0x56  // V
    case sqlState = 0x43  // C
    case message = 0x4D  // M
    case detail = 0x44  // D
    case hint = 0x48  // H
    case statementPosition = 0x50  // P
    case internalPosition = 0x70  // p
    case internalQuery = 0x71  // q
    case context = 0x57  // W
    case schema = 0x73  // s
    case table = 0x74  // t
    case column = 0x63  // c
    case dataType = 0x64  // d
    case constraint = 0x6E  // n
    case sourceFile = 0x46  // F
    case sourceLine = 0x4C  // L
    case sourceFunction = 0x52  // R
  }

  /// Everything the server sent.
  public let fields: [Field: String]

  public init(fields: [Field: String]) {
    self.fields = fields
  }

  /// The five-character code to decide by; texts are translated, codes are not.
  public var sqlState: String { fields[.sqlState] ?? "" }
  public var message: String { fields[.message] ?? "" }
  public var detail: String? { fields[.detail] }
  public var hint: String? { fields[.hint] }
  public var constraint: String? { fields[.constraint] }
  public var table: String? { fields[.table] }
  public var column: String? { fields[.column] }

  /// Whether the server closes the connection after this report.
  var endsSession: Bool {
    fields[.severity] == "FATAL" || fields[.severity] == "PANIC"
  }

  /// The cached plan of a prepared statement no longer fits, or the statement is gone; nothing was executed.
  var asksForNewPreparation: Bool {
    sqlState == "26000" || sqlState == "0A000" && fields[.sourceFunction] == "RevalidateCachedQuery"
  }
}
