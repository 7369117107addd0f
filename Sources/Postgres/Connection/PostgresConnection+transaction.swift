/// How much a transaction sees of others that run at the same time.
public enum PostgresIsolation: String, Sendable {
  case readCommitted = "READ COMMITTED"
  case repeatableRead = "REPEATABLE READ"
  /// May fail with SQLSTATE 40001 and is then to be run again by the caller.
  case serializable = "SERIALIZABLE"
}

extension PostgresConnection {
  /// Runs the body in a transaction: commits when it returns, rolls back when it throws.
  ///
  /// - A return means that the commit is durable.
  /// - When the body throws and the rollback succeeds, its own error is rethrown as it is. Every other failure is a
  ///   ``PostgresError`` of kind `transaction`, which keeps the failures of BEGIN, body, ROLLBACK and COMMIT apart.
  /// - A body that returns although a statement failed cannot commit: that is a failure of COMMIT, never a silent
  ///   rollback.
  /// - A connection whose rollback failed is closed. A cancelled task is rolled back all the same.
  /// - Nothing is retried. Others that use this connection meanwhile are inside the transaction.
  public nonisolated(nonsending) func withTransaction<R: Sendable>(
    isolation: PostgresIsolation = .readCommitted, readOnly: Bool = false, file: String = #fileID, line: Int = #line,
    _ body: (PostgresConnection) async throws -> R
  ) async throws -> R {
    func failure(_ parts: PostgresTransactionError, outcomeUnknown: Bool = false) -> PostgresError {
      PostgresError(
        "run transaction", .transaction(parts), outcomeUnknown: outcomeUnknown, file: file, line: line)
    }
    do throws(PostgresError) {
      try await begin(isolation, readOnly, CallSite(operation: "begin transaction", file: file, line: line))
    } catch {
      throw failure(PostgresTransactionError(begin: error))
    }
    let result: R
    do {
      result = try await body(self)
    } catch {
      let bodyError = error
      do throws(PostgresError) {
        try await rollback(CallSite(operation: "roll back transaction", file: file, line: line))
      } catch {
        await close()
        throw failure(PostgresTransactionError(body: bodyError, rollback: error))
      }
      throw bodyError
    }
    do throws(PostgresError) {
      try await commit(CallSite(operation: "commit transaction", file: file, line: line))
    } catch {
      guard health.isOpen, health.transactionStatus != .idle else {
        throw failure(PostgresTransactionError(commit: error), outcomeUnknown: error.outcomeUnknown)
      }
      // The transaction is still open, as after a COMMIT that was cancelled before it was sent.
      do throws(PostgresError) {
        try await rollback(CallSite(operation: "roll back transaction", file: file, line: line))
      } catch let rollbackError {
        await close()
        throw failure(
          PostgresTransactionError(rollback: rollbackError, commit: error), outcomeUnknown: error.outcomeUnknown)
      }
      throw failure(PostgresTransactionError(commit: error), outcomeUnknown: error.outcomeUnknown)
    }
    return result
  }

  private nonisolated(nonsending) func begin(
    _ isolation: PostgresIsolation, _ readOnly: Bool, _ call: CallSite
  ) async throws(PostgresError) {
    // A closed connection is refused with its own error by the statement.
    guard health.transactionStatus == .idle || !health.isOpen else {
      throw call.error(.protocolViolation("a transaction is already open on this connection"))
    }
    let sql = "BEGIN ISOLATION LEVEL \(isolation.rawValue) \(readOnly ? "READ ONLY" : "READ WRITE")"
    _ = try await runScript(PostgresStatement(sql), timeout: configuration.statementDeadline, call)
  }

  /// Runs also when the task is cancelled: the connection would otherwise keep its locks.
  private nonisolated(nonsending) func rollback(_ call: CallSite) async throws(PostgresError) {
    _ = try await runScript(
      PostgresStatement("ROLLBACK"), cancellation: .ignored, timeout: configuration.cancelTimeout, call)
  }

  /// Once it is sent it is not cancelled: that could turn a commit that waits for its standby into a success without
  /// it.
  private nonisolated(nonsending) func commit(_ call: CallSite) async throws(PostgresError) {
    if Task.isCancelled { throw call.error(.cancelled) }
    let result = try await runScript(
      PostgresStatement("COMMIT"), cancellation: .ignored, timeout: configuration.statementDeadline, call)
    // The server answers COMMIT with success also when it could only roll back.
    guard result?.commandTag == "COMMIT" else {
      throw call.error(.protocolViolation("the transaction had failed and was rolled back"))
    }
  }
}
