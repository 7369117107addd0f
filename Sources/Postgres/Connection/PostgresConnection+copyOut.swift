extension PostgresConnection {
  /// Runs `COPY … TO STDOUT` and lets the body read what the server sends, at the body's pace.
  ///
  /// Nothing is read ahead of the body beyond one chunk, so a slow body makes the server wait. The connection is busy
  /// until the body ends: using it inside the body for anything else fails. A body that ends early makes the server
  /// stop. The data is complete only when the sequence has ended without an error.
  ///
  /// The server's `statement_timeout` does not apply to the copy, whose consumer may take its time; while the server is
  /// waited for, `copyStallTimeout` does. COPY takes no parameters.
  public nonisolated(nonsending) func withCopyOut<R: Sendable>(
    _ sql: String, file: String = #fileID, line: Int = #line, _ body: (PostgresCopyOut) async throws -> R
  ) async throws -> R {
    let call = CallSite(operation: "copy out", file: file, line: line)
    let id = ExchangeID()
    try await withTaskCancellationHandler {
      await loop.run { await startCopyOut(sql, id, call) }
    } onCancel: {
      requestCancel(id)
    }.get()
    let result: R
    do {
      result = try await body(PostgresCopyOut(connection: self, id: id))
    } catch {
      await loop.run { await endCopyOut(id) }
      throw error
    }
    await loop.run { await endCopyOut(id) }
    return result
  }

  /// The copy that holds the connection.
  struct OpenCopy {
    let id: ExchangeID
    let call: CallSite
    let statement: PostgresStatement
    var direction: Direction
    /// A call is inside `next` or `write` now.
    var isInUse = false
    /// How it ended, once it has.
    var end: Result<Void, PostgresError>?

    enum Direction {
      case out(CopyOutStateMachine)
      case `in`(CopyInStateMachine)
    }
  }

  /// COPY with the server's statement timeout off during the copy and as before after it, in one message.
  func copyScript(_ sql: String) -> String {
    guard let timeout = configuration.statementTimeout else { return sql }
    return "SET LOCAL statement_timeout = 0; \(sql)\n; SET LOCAL statement_timeout = \(timeout.wholeMilliseconds)"
  }

  private func startCopyOut(_ sql: String, _ id: ExchangeID, _ call: CallSite) async -> Result<Void, PostgresError> {
    let turn = await beginTurn(id, isExclusive: true)
    guard turn == .granted else { return .failure(error(for: turn, call) ?? call.error(.cancelled)) }
    let statement = PostgresStatement(copyScript(sql))
    var exchange = CopyOutStateMachine()
    var deadlines = Deadlines(after: configuration.copyStallTimeout)
    let end = await drive(&exchange, from: exchange.start(), &deadlines) { _ in link.sendScript(statement.sql) }
    guard let end else {
      openCopy = OpenCopy(id: id, call: call, statement: statement, direction: .out(exchange))
      return .success(())
    }
    let failure = error(for: end, call, statement)
    endTurn(id)
    return failure.map { .failure($0) } ?? .success(())
  }

  /// The body has ended. Runs also when the task is cancelled.
  private func endCopyOut(_ id: ExchangeID) async {
    guard let copy = openCopy, copy.id == id, case .out(var exchange) = copy.direction else { return }
    if copy.end == nil, !machine.isClosed, exchange.isStreaming {
      var deadlines = Deadlines(after: configuration.cancelTimeout)
      loop.clearInterruptions(socket)
      if let end = await drive(&exchange, from: exchange.consumerLeft(), &deadlines, send: { _ in false }) {
        // The body has its own result or error; what the server says about a copy nobody wants is of no use.
        _ = error(for: end, copy.call, copy.statement)
      }
    }
    openCopy = nil
    endTurn(id)
  }

  // MARK: Reading

  /// The next chunk, nil at the end.
  nonisolated(nonsending) func nextCopyChunk(_ id: ExchangeID) async throws(PostgresError) -> [UInt8]? {
    try await withTaskCancellationHandler {
      await loop.run { await readCopyChunk(id) }
    } onCancel: {
      requestCancel(id)
    }.get()
  }

  private func readCopyChunk(_ id: ExchangeID) async -> Result<[UInt8]?, PostgresError> {
    guard let copy = openCopy, copy.id == id, case .out(var exchange) = copy.direction else {
      return .failure(
        CallSite(operation: "copy out", file: #fileID, line: #line).error(
          .protocolViolation("the copy was left already")))
    }
    if let end = copy.end { return end.map { nil } }
    guard !copy.isInUse else {
      return .failure(copy.call.error(.protocolViolation("one consumer reads a copy at a time")))
    }
    openCopy?.isInUse = true
    var chunk: [UInt8] = []
    chunk.reserveCapacity(configuration.copyChunkBytes + 4096)
    let end = await fill(&chunk, &exchange)
    openCopy?.isInUse = false
    openCopy?.direction = .out(exchange)
    guard let end else { return .success(chunk) }
    let failure = error(for: end, copy.call, copy.statement)
    openCopy?.end = failure.map { .failure($0) } ?? .success(())
    if let failure { return .failure(failure) }
    return .success(chunk.isEmpty ? nil : chunk)
  }

  /// Nil when the chunk is full, else how the copy ended.
  private func fill(_ chunk: inout [UInt8], _ exchange: inout CopyOutStateMachine) async -> ExchangeEnd? {
    var deadlines = Deadlines(after: configuration.copyStallTimeout)
    var action: CopyOutStateMachine.Action = machine.isClosed ? exchange.connectionLost() : .read
    if action == .read, Task.isCancelled { action = exchange.cancelRequested() }
    while action == .read, exchange.isStreaming {
      switch link.readCopy(into: &chunk, limit: configuration.copyChunkBytes) {
      case .full: return nil
      case .blocked:
        deadlines.hard = .now + configuration.copyStallTimeout
        action = await waitForServer(&exchange, &deadlines)
      case .ended: action = exchange.dataEnded()
      }
    }
    return await drive(&exchange, from: action, &deadlines) { _ in false }
  }
}

/// What `COPY … TO STDOUT` sends, in chunks that hold whole rows.
///
/// Each chunk is read when it is asked for. One consumer at a time.
public struct PostgresCopyOut: AsyncSequence, Sendable {
  public typealias Element = [UInt8]
  public typealias Failure = PostgresError
  let connection: PostgresConnection
  let id: ExchangeID

  public func makeAsyncIterator() -> Iterator { Iterator(copy: self) }

  /// The rows of a copy that was started with `(FORMAT binary)`.
  public var binaryRows: PostgresCopyRows { PostgresCopyRows(chunks: self) }

  public struct Iterator: AsyncIteratorProtocol {
    let copy: PostgresCopyOut

    /// Runs where its consumer runs, without a change of thread unless it must wait.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(PostgresError) -> [UInt8]? {
      try await copy.connection.nextCopyChunk(copy.id)
    }
  }
}

@available(*, unavailable)
extension PostgresCopyOut.Iterator: Sendable {}
