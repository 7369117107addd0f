extension PostgresConnection {
  /// Runs `COPY … FROM STDIN` and lets the body write the data.
  ///
  /// The copy takes effect when the body returns and this call does; a body that throws, or a cancelled task, makes the
  /// server discard all of it. The connection is busy until then: using it inside the body for anything else fails.
  /// The server reports bad data at the latest when the body has ended.
  public nonisolated(nonsending) func withCopyIn<R: Sendable>(
    _ sql: String, file: String = #fileID, line: Int = #line, _ body: (PostgresCopyIn) async throws -> R
  ) async throws -> R {
    let call = CallSite(operation: "copy in", file: file, line: line)
    let id = ExchangeID()
    try await withTaskCancellationHandler {
      await loop.run { await startCopyIn(sql, id, call) }
    } onCancel: {
      requestCancel(id)
    }.get()
    let result: R
    do {
      result = try await body(PostgresCopyIn(connection: self, id: id))
    } catch {
      _ = await loop.run { await endCopyIn(id, failing: true) }
      throw error
    }
    try await withTaskCancellationHandler {
      await loop.run { await endCopyIn(id, failing: false) }
    } onCancel: {
      requestCancel(id)
    }.get()
    return result
  }

  /// What the server is told when the writer gives up; it repeats it in its report.
  private static let failureReason = "the writer gave up"

  private func startCopyIn(_ sql: String, _ id: ExchangeID, _ call: CallSite) async -> Result<Void, PostgresError> {
    let turn = await beginTurn(id, isExclusive: true)
    guard turn == .granted else { return .failure(error(for: turn, call) ?? call.error(.cancelled)) }
    let statement = PostgresStatement(copyScript(sql))
    var exchange = CopyInStateMachine()
    var deadlines = Deadlines(after: configuration.copyStallTimeout)
    let end = await drive(&exchange, from: exchange.start(), &deadlines) { item in
      item == .copy ? link.sendScript(statement.sql) : link.endCopy(failing: Self.failureReason) == .written
    }
    guard let end else {
      openCopy = OpenCopy(id: id, call: call, statement: statement, direction: .in(exchange))
      return .success(())
    }
    let failure = error(for: end, call, statement)
    endTurn(id)
    return failure.map { .failure($0) } ?? .success(())
  }

  /// The body has ended.
  private func endCopyIn(_ id: ExchangeID, failing: Bool) async -> Result<Void, PostgresError> {
    guard let copy = openCopy, copy.id == id, case .in(var exchange) = copy.direction else { return .success(()) }
    defer {
      openCopy = nil
      endTurn(id)
    }
    if let end = copy.end { return end }
    var deadlines = Deadlines(after: failing ? configuration.cancelTimeout : configuration.copyStallTimeout)
    var action = firstAction(&exchange)
    if action == .read { action = failing ? exchange.writerFailed() : exchange.writerFinished() }
    let end = await drive(&exchange, from: action, &deadlines) { item in
      link.endCopy(failing: item == .failure ? Self.failureReason : nil) == .written
    }
    guard let end, let failure = error(for: end, copy.call, copy.statement) else { return .success(()) }
    return .failure(failure)
  }

  private func firstAction(_ exchange: inout CopyInStateMachine) -> CopyInStateMachine.Action {
    if machine.isClosed { return exchange.connectionLost() }
    loop.clearInterruptions(socket)
    return Task.isCancelled ? exchange.cancelRequested() : .read
  }

  // MARK: Writing

  nonisolated(nonsending) func writeCopy(_ id: ExchangeID, _ bytes: [UInt8]) async throws(PostgresError) {
    try await withTaskCancellationHandler {
      await loop.run { await write(id, bytes) }
    } onCancel: {
      requestCancel(id)
    }.get()
  }

  private func write(_ id: ExchangeID, _ bytes: [UInt8]) async -> Result<Void, PostgresError> {
    guard let copy = openCopy, copy.id == id, case .in(var exchange) = copy.direction else {
      return .failure(
        CallSite(operation: "copy in", file: #fileID, line: #line).error(
          .protocolViolation("the copy was left already")))
    }
    if let end = copy.end { return end }
    guard !copy.isInUse else {
      return .failure(copy.call.error(.protocolViolation("one writer writes a copy at a time")))
    }
    openCopy?.isInUse = true
    let end = await write(bytes, &exchange)
    openCopy?.isInUse = false
    openCopy?.direction = .in(exchange)
    guard let end else { return .success(()) }
    let failure = error(for: end, copy.call, copy.statement) ?? copy.call.error(.cancelled)
    openCopy?.end = .failure(failure)
    return .failure(failure)
  }

  /// Nil when everything has left for the kernel, else how the copy ended.
  private func write(_ bytes: [UInt8], _ exchange: inout CopyInStateMachine) async -> ExchangeEnd? {
    var deadlines = Deadlines(after: configuration.copyStallTimeout)
    var action = firstAction(&exchange)
    var rest = bytes[...]
    while action == .read, exchange.isWriting {
      if !rest.isEmpty {
        // Small pieces: libpq's buffer then never holds more than one of them, whatever the socket takes.
        let piece = rest.prefix(configuration.copyChunkBytes)
        switch piece.withUnsafeBytes({ link.writeCopy($0) }) {
        case .written: rest = rest.dropFirst(piece.count)
        case .blocked: break
        case .failed:
          action = exchange.sendFailed(isBroken: link.isBroken)
          continue
        }
      }
      switch link.flush() {
      case .flushed:
        if rest.isEmpty { return nil }
      case .pending:
        deadlines.hard = .now + configuration.copyStallTimeout
        // The kernel may take the rest between this flush and the next.
        action = await waitForServer(&exchange, &deadlines, hasMore: true)
      case .failed: action = exchange.sendFailed(isBroken: true)
      }
    }
    return await drive(&exchange, from: action, &deadlines) { item in
      link.endCopy(failing: item == .failure ? Self.failureReason : nil) == .written
    }
  }
}

/// Writes the data of one `COPY … FROM STDIN`. One writer at a time.
public struct PostgresCopyIn: Sendable {
  let connection: PostgresConnection
  let id: ExchangeID

  /// Returns when the bytes have left for the server's side, so a writer is never faster than the server for long. They
  /// may be cut anywhere.
  public nonisolated(nonsending) func write(_ bytes: [UInt8]) async throws(PostgresError) {
    try await connection.writeCopy(id, bytes)
  }
}

/// Collects rows in the format of `COPY … FROM STDIN (FORMAT binary)`, to be written in pieces:
///
///     var rows = PostgresCopyEncoder()
///     for value in values {
///       try rows.append([value.id, value.text])
///       if rows.byteCount > 65536 { try await copy.write(rows.take()) }
///     }
///     try await copy.write(rows.finish())
public struct PostgresCopyEncoder: Sendable {
  private var bytes: [UInt8]

  /// Starts with the header.
  public init() {
    bytes = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
  }

  /// How much waits to be taken.
  public var byteCount: Int { bytes.count }

  /// Adds a row. The values' types must be exactly the columns' types: the server converts nothing.
  public mutating func append(
    _ values: [any PostgresEncodable], file: String = #fileID, line: Int = #line
  ) throws(PostgresError) {
    bytes.appendBigEndian(Int16(clamping: values.count))
    for (index, value) in values.enumerated() {
      do throws(PostgresEncodingError) {
        try append(value)
      } catch {
        throw PostgresError("encode copy row", .encoding(error, parameter: index + 1), file: file, line: line)
      }
    }
  }

  private mutating func append<Value: PostgresEncodable>(_ value: Value) throws(PostgresEncodingError) {
    guard !value.isPostgresNull else { return bytes.appendBigEndian(Int32(-1)) }
    let lengthOffset = bytes.count
    bytes.appendBigEndian(Int32(0))
    try value.encode(into: &bytes)
    try bytes.setLength(at: lengthOffset)
  }

  /// What has been added since the last call.
  public mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// The rest and the trailer.
  public mutating func finish() -> [UInt8] {
    bytes.appendBigEndian(Int16(-1))
    return take()
  }
}
