public import Logging
import Synchronization

extension PostgresConnection {
  /// Opens a connection of its own, runs the body with it, and closes it.
  ///
  /// For what must not share a connection with others: listening, migrating, advisory locks. Everything else uses a
  /// ``PostgresPool``.
  /// - Parameter onClose: called once when the connection closes: after the body has ended, or as soon as the server's
  ///   end of it is gone, although nobody speaks.
  public nonisolated(nonsending) static func withConnection<R: Sendable>(
    _ configuration: PostgresConfiguration, logger: Logger, file: String = #fileID, line: Int = #line,
    _ body: (PostgresConnection) async throws -> R, onClose: @escaping @Sendable () -> Void = {}
  ) async throws -> R {
    let call = CallSite(operation: "connect", file: file, line: line)
    let connection = try await open(configuration, logger: logger, call, onClose: onClose)
    do {
      let result = try await body(connection)
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Connects within `connectTimeout`. The caller closes the connection.
  nonisolated(nonsending) static func open(
    _ configuration: PostgresConfiguration, logger: Logger, _ call: CallSite,
    onClose: @escaping @Sendable () -> Void = {}
  ) async throws(PostgresError) -> PostgresConnection {
    guard let conninfo = LibPQConninfo(configuration) else {
      throw call.error(.invalidConfiguration("libpq cannot read the connection string"))
    }
    let attempt = ConnectAttempt()
    let timer = PostgresEventLoop.shared.schedule(at: .now + configuration.connectTimeout) {
      attempt.finish(.timeout)
    }
    defer { PostgresEventLoop.shared.cancel(timer) }
    let outcome = await withTaskCancellationHandler {
      await attempt.wait {
        guard attempt.isAwaited else { return }
        switch LibPQConnection.connect(conninfo, logger: logger) {
        case .connected(let link): attempt.finish(.connected(link))
        case .failed(let message): attempt.finish(.failed(message: message))
        }
      }
    } onCancel: {
      attempt.finish(.cancelled)
    }
    switch outcome {
    case .connected(let link):
      let connection = PostgresConnection(link: link, configuration: configuration, logger: logger)
      await connection.start(onClose: onClose)
      return connection
    case .failed(let message): throw call.error(.connectionFailed(message: message))
    case .timeout: throw call.error(.timeout(.connect))
    case .cancelled: throw call.error(.cancelled)
    }
  }
}

/// One attempt to connect, on a thread that cannot be interrupted. The first outcome counts; a connection that comes
/// too late is closed by the thread that made it.
private final class ConnectAttempt: Sendable {
  enum Outcome {
    case connected(LibPQConnection)
    case failed(message: String)
    case timeout
    case cancelled
  }

  private enum State {
    case created
    case waiting(UnsafeContinuation<Outcome, Never>)
    /// Ended before anybody waited.
    case early(Outcome)
    case finished
  }

  private let state = Mutex(State.created)

  /// Whether there is still a point in connecting.
  var isAwaited: Bool {
    state.withLock { if case .waiting = $0 { true } else { false } }
  }

  /// Starts the work on a connecting thread and waits for the first outcome.
  nonisolated(nonsending) func wait(_ work: @escaping @Sendable () -> Void) async -> Outcome {
    await withUnsafeContinuation { continuation in
      let early: Outcome? = state.withLock { state in
        switch state {
        case .created:
          state = .waiting(continuation)
          return nil
        case .early(let outcome):
          state = .finished
          return outcome
        case .waiting, .finished: preconditionFailure("an attempt is awaited once")
        }
      }
      if let early { return continuation.resume(returning: early) }
      if !BlockingThreads.connecting.submit(work) { finish(.failed(message: "the system has no thread left")) }
    }
  }

  func finish(_ outcome: Outcome) {
    let continuation: UnsafeContinuation<Outcome, Never>? = state.withLock { state in
      switch state {
      case .created:
        state = .early(outcome)
        return nil
      case .waiting(let continuation):
        state = .finished
        return continuation
      case .early, .finished: return nil
      }
    }
    continuation?.resume(returning: outcome)
  }
}
