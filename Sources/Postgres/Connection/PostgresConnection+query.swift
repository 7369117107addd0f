extension PostgresConnection {
  /// Executes one statement with parameters `$1`, `$2`, …, in binary format both ways, and returns all its rows.
  ///
  /// The statement is prepared with its first use on this connection. Outside a transaction it commits by itself, and
  /// then a return means that it is durable. Rows are held in memory at once; for a great many use
  /// ``withCopyOut(_:_:file:line:)``. Parameters are encoded before the connection is asked for, on the caller's
  /// thread.
  public nonisolated(nonsending) func query(
    _ sql: String, _ parameters: [any PostgresEncodable] = [], file: String = #fileID, line: Int = #line
  ) async throws(PostgresError) -> PostgresRows {
    let call = CallSite(operation: "query", file: file, line: line)
    let statement = try PostgresStatement(sql, parameters, call)
    return PostgresRows(try await run(statement, call))
  }

  /// Executes a text of one or more statements without parameters, by the simple protocol, and drops their rows.
  ///
  /// Outside a transaction the whole text is one, unless it says BEGIN and COMMIT itself. The server's
  /// `statement_timeout` holds for each statement; on this side there is no deadline unless `timeout` sets one for the
  /// whole text.
  public nonisolated(nonsending) func execute(
    script: String, timeout: Duration? = nil, file: String = #fileID, line: Int = #line
  ) async throws(PostgresError) {
    let call = CallSite(operation: "execute script", file: file, line: line)
    _ = try await runScript(PostgresStatement(script), timeout: timeout, call)
  }

  // MARK: For this module

  /// Whether cancellation reaches the statement. A rollback must run although the task is cancelled, and because of it.
  enum Cancellation {
    case followsTask
    case ignored
  }

  nonisolated(nonsending) func run(
    _ statement: PostgresStatement, cancellation: Cancellation = .followsTask, timeout: Timeout = .ofStatements,
    _ call: CallSite
  ) async throws(PostgresError) -> LibPQResult {
    let id = ExchangeID()
    switch cancellation {
    case .ignored:
      return try await loop.run { await perform(statement, id, isCancellable: false, timeout, call) }.get()
    case .followsTask:
      return try await withTaskCancellationHandler {
        await loop.run { await perform(statement, id, isCancellable: true, timeout, call) }
      } onCancel: {
        requestCancel(id)
      }.get()
    }
  }

  nonisolated(nonsending) func runScript(
    _ script: PostgresStatement, cancellation: Cancellation = .followsTask, timeout: Duration?, _ call: CallSite
  ) async throws(PostgresError) -> LibPQResult? {
    guard !script.sql.utf8.contains(0) else {
      throw call.error(.protocolViolation("SQL text contains a NUL character"))
    }
    let id = ExchangeID()
    switch cancellation {
    case .ignored:
      return try await loop.run { await performScript(script, id, isCancellable: false, timeout, call) }.get()
    case .followsTask:
      return try await withTaskCancellationHandler {
        await loop.run { await performScript(script, id, isCancellable: true, timeout, call) }
      } onCancel: {
        requestCancel(id)
      }.get()
    }
  }

  /// How long the server may take before the connection counts as dead.
  enum Timeout {
    case ofStatements
    case none
    case after(Duration)
  }

  // MARK: On the event loop

  private func perform(
    _ statement: PostgresStatement, _ id: ExchangeID, isCancellable: Bool, _ timeout: Timeout, _ call: CallSite
  ) async -> Result<LibPQResult, PostgresError> {
    let turn = await beginTurn(id, isCancellable: isCancellable)
    guard turn == .granted else { return .failure(error(for: turn, call) ?? call.error(.cancelled)) }
    defer { endTurn(id) }
    var deadlines = Deadlines(after: duration(of: timeout))
    await releaseStatements(&deadlines)
    let isRepeatable = !machine.isClosed && link.transactionStatus == .idle
    let first = await attempt(statement, &deadlines, call)
    guard isRepeatable, case .failure(let error) = first, case .server(let report) = error.kind,
      report.asksForNewPreparation
    else { return first }
    return await attempt(statement, &deadlines, call)
  }

  private func attempt(
    _ statement: PostgresStatement, _ deadlines: inout Deadlines, _ call: CallSite
  ) async -> Result<LibPQResult, PostgresError> {
    guard !machine.isClosed else { return .failure(error(for: .closed, call) ?? call.error(.cancelled)) }
    let known = statements.name(of: statement)
    let name = known ?? statements.makeName()
    var exchange = QueryStateMachine(known == nil ? .prepareAndExecute : .execute)
    var kept: LibPQResult?
    let end = await drive(&exchange, from: exchange.start(), &deadlines) { item in
      switch item {
      case .prepare: return link.sendPrepare(name: name, statement)
      case .execute:
        if known == nil { remember(statement, name) }
        return link.sendExecute(name: name, statement)
      case .script: return false
      }
    } keep: { result, kind, _ in
      if kind == .rows || kind == .command { kept = result }
    }
    guard let end else { return .failure(call.error(.protocolViolation("a query does not pause"))) }
    if case .server(let report) = end.failure, report.asksForNewPreparation {
      statementsToRelease.append(contentsOf: statements.remove(statement).map { [$0] } ?? [])
    }
    if let error = error(for: end, call, statement) { return .failure(error) }
    guard let kept else { return .failure(call.error(.protocolViolation("the server gave no result"))) }
    return .success(kept)
  }

  private func performScript(
    _ script: PostgresStatement, _ id: ExchangeID, isCancellable: Bool, _ timeout: Duration?, _ call: CallSite
  ) async -> Result<LibPQResult?, PostgresError> {
    let turn = await beginTurn(id, isCancellable: isCancellable)
    guard turn == .granted else { return .failure(error(for: turn, call) ?? call.error(.cancelled)) }
    defer { endTurn(id) }
    var deadlines = Deadlines(after: timeout)
    var exchange = QueryStateMachine(.script)
    var kept: LibPQResult?
    let end = await drive(&exchange, from: exchange.start(), &deadlines) { _ in
      link.sendScript(script.sql)
    } keep: { result, kind, _ in
      if kind == .rows || kind == .command { kept = result }
    }
    guard let end else { return .failure(call.error(.protocolViolation("a script does not pause"))) }
    if let error = error(for: end, call, script) { return .failure(error) }
    return .success(kept)
  }

  // MARK: Prepared statements

  func remember(_ statement: PostgresStatement, _ name: String) {
    if let released = statements.insert(statement, name: name) { statementsToRelease.append(released) }
  }

  /// Tells the server to forget what the cache gave up. Not inside a failed transaction, where nothing is accepted.
  func releaseStatements(_ deadlines: inout Deadlines) async {
    guard !statementsToRelease.isEmpty, !machine.isClosed, link.transactionStatus != .failed else { return }
    // The names are our own: letters and digits.
    let sql = statementsToRelease.map { "DEALLOCATE \($0)" }.joined(separator: ";")
    statementsToRelease = []
    var exchange = QueryStateMachine(.script)
    _ = await drive(&exchange, from: exchange.start(), &deadlines) { _ in link.sendScript(sql) }
  }

  func duration(of timeout: Timeout) -> Duration? {
    switch timeout {
    case .ofStatements: configuration.statementDeadline
    case .none: nil
    case .after(let duration): duration
    }
  }
}
