/// What a result means for the protocol, without its data.
enum ResultKind: Equatable, Sendable {
  case rows
  case command
  case copyOut
  case copyIn
  case pipelineSync
  /// A statement that was skipped because one before it failed.
  case pipelineAborted
  case serverError(PostgresServerError)
  /// libpq failed by itself: the connection broke, or memory ran out.
  case clientError(String)
}

/// Whether a transaction is open, as the last ReadyForQuery said.
public enum PostgresTransactionStatus: UInt8, Sendable {
  case idle
  case open
  /// Open, and refusing everything until it is rolled back.
  case failed
  case unknown
}
