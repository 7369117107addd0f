/// Everything that can fail between a caller and the database.
///
/// `description` is safe to show and log anywhere: it holds no SQL, no parameter, no password, no host and no text of
/// the server. `debugDescription` holds all but passwords.
public struct PostgresError: Error, Sendable {
  /// What went wrong.
  public indirect enum Kind: Sendable {
    /// The configuration cannot be used as it is; trying again will not help.
    case invalidConfiguration(String)
    /// No connection could be made. libpq's message names hosts and users.
    case connectionFailed(message: String)
    /// An established connection broke. Holds the server's last word, if it said one.
    case connectionLost(PostgresServerError?, message: String)
    /// The server refused a statement; the connection remains usable.
    case server(PostgresServerError)
    /// A deadline passed.
    case timeout(Deadline)
    /// The task was cancelled, and the statement with it.
    case cancelled
    /// As many callers as the configuration permits already wait for a connection.
    case poolExhausted(waiting: Int)
    /// No connection became free in time; holds why the last attempt to open one failed, if it did.
    case poolTimeout(lastConnectError: PostgresError?)
    /// The pool has ended.
    case poolClosed
    /// libpq, the server or the caller did what the protocol forbids at this point.
    case protocolViolation(String)
    /// A transaction failed at its edges; a body's own error is rethrown as it is when nothing else failed.
    case transaction(PostgresTransactionError)
    /// A result does not hold what the caller asked for.
    case decoding(PostgresDecodingError, column: String)
    /// A parameter cannot be sent; `parameter` counts from one as in `$1`.
    case encoding(PostgresEncodingError, parameter: Int)
    /// The migrations do not fit the database.
    case migration(PostgresMigrationError)
  }

  /// Which deadline passed.
  public enum Deadline: String, Sendable {
    /// Connecting took longer than `connectTimeout`.
    case connect
    /// The server cancelled the statement: `statement_timeout`, or an operator did.
    case statementOnServer
    /// The server did not answer within `statementTimeout` and a grace, so the connection was closed.
    case statementOnClient
    /// A COPY made no progress for `copyStallTimeout`, so the connection was closed.
    case copyStall
  }

  private let storage: Storage

  init(
    _ operation: String, _ kind: Kind, outcomeUnknown: Bool = false, statement: PostgresStatement? = nil,
    file: String, line: Int
  ) {
    storage = Storage(
      operation: operation, kind: kind, outcomeUnknown: outcomeUnknown, statement: statement, file: file, line: line)
  }

  /// What was attempted, in words that hold no data: "query", "begin transaction", …
  public var operation: String { storage.operation }
  public var kind: Kind { storage.kind }
  /// The caller's `#fileID`.
  public var file: String { storage.file }
  /// The caller's `#line`.
  public var line: Int { storage.line }
  /// The statement and its parameters, for `debugDescription`.
  var statement: PostgresStatement? { storage.statement }

  /// Whether the statement may or may not have taken effect: the connection broke (or was given up) after the statement
  /// was sent and before the server said ReadyForQuery. For a transaction this is asked of its COMMIT alone, since an
  /// unfinished transaction never takes effect.
  public var outcomeUnknown: Bool { storage.outcomeUnknown }

  /// The server's five-character code, wherever in this error it stands.
  public var sqlState: String? {
    if case .timeout(.statementOnServer) = kind { return "57014" }
    return serverError?.sqlState
  }

  /// The server's report, wherever in this error it stands.
  public var serverError: PostgresServerError? {
    switch kind {
    case .server(let error): return error
    case .connectionLost(let error, _): return error
    case .transaction(let error): return error.decisivePart?.serverError
    case .poolTimeout(let error): return error?.serverError
    case .timeout, .cancelled, .connectionFailed, .invalidConfiguration, .poolExhausted, .poolClosed,
      .protocolViolation, .decoding, .encoding, .migration:
      return nil
    }
  }

  /// Whether the database could not be reached or went away, so that the same call may succeed later.
  ///
  /// Says nothing about whether it already took effect: see ``outcomeUnknown``.
  public var isUnavailable: Bool {
    switch kind {
    case .connectionFailed, .connectionLost, .poolExhausted, .poolTimeout, .poolClosed: true
    case .timeout: true
    case .transaction(let error): error.decisivePart?.isUnavailable ?? false
    case .server(let error): ["53", "57", "58"].contains(error.sqlState.prefix(2)) || error.sqlState == "55P03"
    case .cancelled, .invalidConfiguration, .protocolViolation, .decoding, .encoding, .migration: false
    }
  }

  /// Errors travel through typed throws on hot paths, so they are one reference wide.
  private final class Storage: Sendable {
    let operation: String
    let kind: Kind
    let outcomeUnknown: Bool
    let statement: PostgresStatement?
    let file: String
    let line: Int

    init(
      operation: String, kind: Kind, outcomeUnknown: Bool, statement: PostgresStatement?, file: String, line: Int
    ) {
      self.operation = operation
      self.kind = kind
      self.outcomeUnknown = outcomeUnknown
      self.statement = statement
      self.file = file
      self.line = line
    }
  }
}

/// The parts of a transaction that failed. At least one is present.
public struct PostgresTransactionError: Error, Sendable {
  /// BEGIN failed; the body did not run.
  public var begin: PostgresError?
  /// What the body threw; here only together with a failed rollback.
  public var body: (any Error)?
  /// ROLLBACK failed; the connection is closed, which ends the transaction as well.
  public var rollback: PostgresError?
  /// COMMIT failed; see ``PostgresError/outcomeUnknown``.
  public var commit: PostgresError?

  /// The part a caller decides by: the one that came first.
  var decisivePart: PostgresError? {
    begin ?? commit ?? (body as? PostgresError) ?? rollback
  }
}
