extension PostgresConnection {
  /// Lets the body send several statements together and wait for them once.
  ///
  ///     let (inserted, head) = try await connection.withPipeline { pipeline in
  ///       let insert = try pipeline.add("INSERT …", [id])
  ///       let select = try pipeline.add("SELECT …")
  ///       let results = try await pipeline.synchronize()
  ///       return (results[insert].affectedRows, results[select])
  ///     }
  ///
  /// All statements between two synchronisations are one transaction, unless one was open or they say BEGIN and COMMIT
  /// themselves. Statements that were added and not synchronised when the body returns are synchronised then; when it
  /// throws they are not sent at all.
  public nonisolated(nonsending) func withPipeline<R: Sendable>(
    file: String = #fileID, line: Int = #line, _ body: (PostgresPipeline) async throws -> R
  ) async throws -> R {
    let pipeline = PostgresPipeline(connection: self)
    let result = try await body(pipeline)
    if !pipeline.isEmpty { _ = try await pipeline.synchronize(file: file, line: line) }
    return result
  }

  nonisolated(nonsending) func runPipeline(
    _ statements: [PostgresStatement], _ call: CallSite
  ) async throws(PostgresError) -> [PostgresRows] {
    let id = ExchangeID()
    return try await withTaskCancellationHandler {
      await loop.run { await performPipeline(statements, id, call) }
    } onCancel: {
      requestCancel(id)
    }.get()
  }

  private func performPipeline(
    _ statements: [PostgresStatement], _ id: ExchangeID, _ call: CallSite
  ) async -> Result<[PostgresRows], PostgresError> {
    let turn = await beginTurn(id)
    guard turn == .granted else { return .failure(error(for: turn, call) ?? call.error(.cancelled)) }
    defer { endTurn(id) }
    // The server's timeout holds for each statement.
    var deadlines = Deadlines(
      after: configuration.statementTimeout.map { $0 * statements.count + configuration.statementGrace })
    await releaseStatements(&deadlines)
    guard !machine.isClosed else { return .failure(error(for: .closed, call) ?? call.error(.cancelled)) }

    // The same text twice is prepared once, by the first.
    var names: [String] = []
    var prepared: [Int: String] = [:]
    for (index, statement) in statements.enumerated() {
      if let name = statements[..<index].firstIndex(where: { $0.isPreparedAs(statement) }).map({ names[$0] }) {
        names.append(name)
      } else if let name = self.statements.name(of: statement) {
        names.append(name)
      } else {
        let name = self.statements.makeName()
        names.append(name)
        prepared[index] = name
      }
    }
    var exchange = PipelineStateMachine(mustPrepare: statements.indices.map { prepared[$0] != nil })
    var results = [LibPQResult?](repeating: nil, count: statements.count)
    let steps = exchange.steps
    let end = await drive(&exchange, from: exchange.start(), &deadlines) { _ in
      send(steps, statements, names)
    } keep: { result, kind, exchange in
      guard kind == .rows || kind == .command else { return }
      switch exchange.currentStep {
      case .prepare(let statement): remember(statements[statement], names[statement])
      case .execute(let statement): results[statement] = result
      case nil: break
      }
    }
    guard let end else { return .failure(call.error(.protocolViolation("a pipeline does not pause"))) }
    if !end.mustClose, !link.exitPipeline() { close() }
    let failed = exchange.failedStatement
    if let failed, case .server(let report) = end.failure, report.asksForNewPreparation,
      let name = self.statements.remove(statements[failed])
    {
      statementsToRelease.append(name)
    }
    let failedCall = failed.map { call.inPipeline($0) } ?? call
    if let error = error(for: end, failedCall, failed.map { statements[$0] }) { return .failure(error) }
    let rows = results.compactMap { $0.map { PostgresRows($0) } }
    guard rows.count == statements.count else {
      return .failure(call.error(.protocolViolation("the server left out a result")))
    }
    return .success(rows)
  }

  private func send(_ steps: [PipelineStateMachine.Step], _ statements: [PostgresStatement], _ names: [String]) -> Bool
  {
    guard link.enterPipeline() else { return false }
    for step in steps {
      switch step {
      case .prepare(let index):
        guard link.sendPrepare(name: names[index], statements[index]) else { return false }
      case .execute(let index):
        guard link.sendExecute(name: names[index], statements[index]) else { return false }
      }
    }
    return link.sendSync()
  }
}

extension PostgresStatement {
  /// Whether one prepared statement serves both.
  fileprivate func isPreparedAs(_ other: PostgresStatement) -> Bool {
    sql == other.sql && parameters.map(\.type) == other.parameters.map(\.type)
  }
}

extension CallSite {
  /// Names the failing statement by its place, counted from one.
  fileprivate func inPipeline(_ index: Int) -> CallSite {
    CallSite(operation: "\(operation), statement \(index + 1)", file: file, line: line)
  }
}

/// Collects statements to be sent together; see ``PostgresConnection/withPipeline(file:line:_:)``. Not for use outside
/// its scope.
public final class PostgresPipeline {
  /// A place for a statement's result.
  public struct Handle: Sendable, Hashable {
    fileprivate let round: Int
    fileprivate let index: Int
  }

  /// The results of all statements of one synchronisation.
  public struct Results: Sendable {
    fileprivate let round: Int
    fileprivate let rows: [PostgresRows]

    public var count: Int { rows.count }

    /// The result of a statement added before this synchronisation and after the one before.
    public subscript(handle: Handle) -> PostgresRows {
      precondition(handle.round == round, "a handle belongs to one synchronisation")
      return rows[handle.index]
    }

    /// The results in the order in which the statements were added.
    public subscript(index: Int) -> PostgresRows { rows[index] }
  }

  private let connection: PostgresConnection
  private var statements: [PostgresStatement] = []
  private var round = 0

  fileprivate init(connection: PostgresConnection) {
    self.connection = connection
  }

  fileprivate var isEmpty: Bool { statements.isEmpty }

  /// Adds a statement; nothing is sent yet. Throws when a parameter cannot be encoded, or at `pipelineStatementsMax`.
  @discardableResult
  public func add(
    _ sql: String, _ parameters: [any PostgresEncodable] = [], file: String = #fileID, line: Int = #line
  ) throws(PostgresError) -> Handle {
    let call = CallSite(operation: "add to pipeline", file: file, line: line)
    guard statements.count < connection.configuration.pipelineStatementsMax else {
      throw call.error(.protocolViolation("a pipeline holds at most \(statements.count) statements"))
    }
    statements.append(try PostgresStatement(sql, parameters, call))
    return Handle(round: round, index: statements.count - 1)
  }

  /// Sends what was added and waits for all of it: one round trip. The first statement that fails makes the server skip
  /// those after it and undo those before it; the error names that statement's place and is thrown here.
  public nonisolated(nonsending) func synchronize(
    file: String = #fileID, line: Int = #line
  ) async throws(PostgresError) -> Results {
    let call = CallSite(operation: "run pipeline", file: file, line: line)
    let sent = statements
    let sentRound = round
    statements = []
    round += 1
    guard !sent.isEmpty else { return Results(round: sentRound, rows: []) }
    return Results(round: sentRound, rows: try await connection.runPipeline(sent, call))
  }
}
