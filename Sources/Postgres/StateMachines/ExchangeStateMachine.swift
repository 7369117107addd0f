/// What an exchange with the server does next. `Item` is what the machine at hand can send.
enum ExchangeAction<Item: Equatable & Sendable>: Equatable, Sendable {
  /// Send it, then read.
  case send(Item)
  /// Take the next result if it has arrived, else wait.
  case read
  /// Wait until the server speaks; nothing more has arrived.
  case wait
  /// Drop COPY data until its end, for which `dataEnded` is the event.
  case discardCopyData
  /// Send a cancel request on another connection, then wait.
  case askServerToCancel
  /// Give control back to the caller, with the exchange still open.
  case pause
  case end(ExchangeEnd)
}

/// How an exchange ended.
struct ExchangeEnd: Equatable, Sendable {
  /// Nil when everything succeeded.
  var failure: ExchangeFailure?
  /// Whether something was sent that may have taken effect although no ReadyForQuery came.
  var outcomeUnknown = false
  /// Whether the connection can no longer be trusted to be between two exchanges.
  var mustClose = false

  static let success = ExchangeEnd()
}

enum ExchangeFailure: Equatable, Sendable {
  case server(PostgresServerError)
  case cancelled
  /// The connection broke, after the server's last word if it said one.
  case lost(PostgresServerError?)
  case timedOut(PostgresError.Deadline)
  case violation(String)
}

/// The events every exchange knows. Each returns what to do next; none performs it.
protocol ExchangeStateMachine {
  associatedtype Item: Equatable, Sendable
  typealias Action = ExchangeAction<Item>

  /// libpq did not take what was to be sent.
  mutating func sendFailed(isBroken: Bool) -> Action
  mutating func received(_ result: ResultKind) -> Action
  /// libpq has no further result: ReadyForQuery has come, or in a pipeline one statement is complete.
  mutating func noMoreResults() -> Action
  /// The COPY data that was to be dropped has ended.
  mutating func dataEnded() -> Action
  mutating func cancelRequested() -> Action
  /// The server has taken the cancel request, which need not mean that it helped.
  mutating func cancelReturned() -> Action
  /// A while has passed since, without an end.
  mutating func cancelPauseElapsed() -> Action
  mutating func deadlinePassed() -> Action
  mutating func connectionLost() -> Action
}

/// What has been said so far in an exchange: the part that queries, pipelines and copies have in common.
struct ExchangeProgress: Equatable {
  /// A request to cancel, which travels beside the exchange. While one is on its way the connection must not be reused:
  /// it would hit the next statement.
  enum Cancel: Equatable {
    case notAsked
    case asked
    case returned
  }

  private(set) var cancel = Cancel.notAsked
  private(set) var serverError: PostgresServerError?
  private(set) var isClientError = false

  var isCancelled: Bool { cancel != .notAsked }

  /// The server reports the cause first and follow-ups later, so the first report counts.
  mutating func note(_ error: PostgresServerError) {
    if serverError == nil { serverError = error }
  }

  mutating func noteClientError() {
    isClientError = true
  }

  /// True when a request must be sent.
  mutating func askToCancel() -> Bool {
    guard cancel == .notAsked else { return false }
    cancel = .asked
    return true
  }

  mutating func cancelReturned() {
    precondition(cancel == .asked, "a cancel request returns once, here in \(cancel)")
    cancel = .returned
  }

  /// True when another request must be sent: the server may have taken the first before it began.
  mutating func askAgain() -> Bool {
    guard cancel == .returned else { return false }
    cancel = .asked
    return true
  }

  /// Whether anything has gone wrong on the way.
  var isFailed: Bool { serverError != nil || isClientError }

  /// How an exchange ended for which ReadyForQuery has come.
  ///
  /// A success after a request to cancel is none that may be acknowledged: a commit that waits for its synchronous
  /// standby and is cancelled there is reported as done, with a mere warning that it may not have been replicated.
  var end: ExchangeEnd {
    if isClientError { return ExchangeEnd(failure: .lost(serverError), outcomeUnknown: true, mustClose: true) }
    guard let serverError else {
      return isCancelled ? ExchangeEnd(failure: .cancelled, outcomeUnknown: true) : .success
    }
    guard serverError.sqlState == "57014" else { return ExchangeEnd(failure: .server(serverError)) }
    return ExchangeEnd(failure: isCancelled ? .cancelled : .timedOut(.statementOnServer))
  }

  /// How an exchange ended whose time is up.
  func end(after deadline: PostgresError.Deadline, outcomeUnknown: Bool) -> ExchangeEnd {
    ExchangeEnd(
      failure: isCancelled ? .cancelled : .timedOut(deadline), outcomeUnknown: outcomeUnknown, mustClose: true)
  }

  func endByLoss(outcomeUnknown: Bool) -> ExchangeEnd {
    ExchangeEnd(failure: .lost(serverError), outcomeUnknown: outcomeUnknown, mustClose: true)
  }

  static func violation(_ what: String, outcomeUnknown: Bool) -> ExchangeEnd {
    ExchangeEnd(failure: .violation(what), outcomeUnknown: outcomeUnknown, mustClose: true)
  }
}
