extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
  /// What failed, as what, and where it was called; nothing a person or a query put in.
  public var description: String {
    var text = "couldn't \(operation): \(kind.safeText)"
    if outcomeUnknown { text += "; it is unknown whether it took effect" }
    return "\(text) (\(file):\(line))"
  }

  /// Everything known about the failure except passwords, for logs that may hold data.
  public var debugDescription: String {
    var text = description
    if let detail = kind.unsafeText { text += "\n\(detail)" }
    if let statement { text += "\n\(statement.debugDescription)" }
    return text
  }
}

extension PostgresError.Kind {
  var safeText: String {
    switch self {
    case .invalidConfiguration(let reason): "the configuration is invalid: \(reason)"
    case .connectionFailed: "no connection to the database could be made"
    case .connectionLost(let error, _): "the connection was lost\(error.map { " (SQLSTATE \($0.sqlState))" } ?? "")"
    case .server(let error): "the server refused with SQLSTATE \(error.sqlState)"
    case .timeout(.connect): "connecting took too long"
    case .timeout(.statementOnServer): "the server cancelled the statement (statement_timeout, or an operator)"
    case .timeout(.statementOnClient): "the server did not answer in time, the connection was closed"
    case .timeout(.copyStall): "the copy made no progress, the connection was closed"
    case .cancelled: "the task was cancelled"
    case .poolExhausted(let waiting): "\(waiting) callers already wait for a connection"
    case .poolTimeout(nil): "no connection became free in time"
    case .poolTimeout(let error?): "no connection could be opened in time, last: \(error.kind.safeText)"
    case .poolClosed: "the connection pool has ended"
    case .protocolViolation(let what): "protocol violation: \(what)"
    case .transaction(let error): error.text { $0.kind.safeText }
    case .decoding(let error, _): "a column could not be read: \(error.safeText)"
    case .encoding(let error, let parameter): "parameter \(parameter) cannot be sent: \(error)"
    case .migration(let error): error.description
    }
  }

  /// What `safeText` withheld.
  var unsafeText: String? {
    switch self {
    case .connectionFailed(let message): message
    case .connectionLost(let error, let message):
      [error?.debugDescription, message].compactMap { $0 }.joined(separator: "\n")
    case .server(let error): error.debugDescription
    case .poolTimeout(let error?): error.debugDescription
    case .transaction(let error): error.text { $0.debugDescription }
    case .decoding(let error, let column): "column \(column): \(error)"
    case .invalidConfiguration, .timeout, .cancelled, .poolExhausted, .poolTimeout(nil), .poolClosed,
      .protocolViolation, .encoding, .migration:
      nil
    }
  }
}

extension PostgresDecodingError {
  /// The case without a column name, which may say more about the data than a log should.
  fileprivate var safeText: String {
    if case .noSuchColumn = self { return "no such column" }
    return "\(self)"
  }
}

extension PostgresTransactionError {
  fileprivate func text(_ describe: (PostgresError) -> String) -> String {
    var parts: [String] = []
    if let begin { parts.append("begin: \(describe(begin))") }
    if let body { parts.append("body: \((body as? PostgresError).map(describe) ?? "\(type(of: body))")") }
    if let rollback { parts.append("rollback: \(describe(rollback))") }
    if let commit { parts.append("commit: \(describe(commit))") }
    return parts.joined(separator: "; ")
  }
}

extension PostgresServerError: CustomStringConvertible, CustomDebugStringConvertible {
  /// The code only; the texts may quote data.
  public var description: String { "SQLSTATE \(sqlState)" }

  /// All fields in the protocol's order.
  public var debugDescription: String {
    Field.allCases.compactMap { field in fields[field].map { "\(field): \($0)" } }.joined(separator: ", ")
  }
}
