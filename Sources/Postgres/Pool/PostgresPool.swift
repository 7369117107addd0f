public import Logging
import Synchronization

/// Connections to one database, opened on demand up to a limit, and lent one at a time.
///
/// Nothing happens before ``run()`` is called: it opens, checks and closes the connections. Callers that come earlier
/// wait.
///
/// **Fairness.** Callers are served in order of arrival. **Limits.** More than `poolWaitersMax` waiting callers are
/// refused at once with `poolExhausted`; a caller that waited `acquireTimeout` gets `poolTimeout` with the last reason
/// why no connection could be opened. **Recovery.** Broken connections are replaced; when the server is away, one
/// attempt at a time is made with growing pauses while somebody waits, and everything works again once it is back.
public final class PostgresPool: Sendable {
  public let configuration: PostgresConfiguration
  let logger: Logger
  private let state: Mutex<State>
  private let openings: AsyncStream<Opening>
  private let openingsContinuation: AsyncStream<Opening>.Continuation

  typealias Machine = PoolStateMachine<Int, ExchangeID, UnsafeContinuation<Acquired, Never>>
  private typealias Opening = PoolOpening<Int>

  private struct State {
    var machine: Machine
    var connections: [Int: PostgresConnection] = [:]
    var lastConnectError: PostgresError?
    var hasRun = false
    /// Whether a timer watches the first waiter's deadline.
    var isTimerSet = false
  }

  /// How a wait for a connection ended.
  enum Acquired {
    case connection(Int, PostgresConnection)
    case failed(PostgresError.Kind)
  }

  /// Stores the configuration; nothing starts.
  public init(configuration: PostgresConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
    let limits = Machine.Limits(
      sizeMax: max(configuration.poolSizeMax, 1), waitersMax: max(configuration.poolWaitersMax, 1),
      acquireTimeout: configuration.acquireTimeout, healthCheckAge: configuration.idleHealthCheckAge,
      backoffMin: configuration.connectBackoffMin, backoffMax: configuration.connectBackoffMax)
    state = Mutex(State(machine: Machine(limits: limits) { $0 }))
    // Never more openings wait than the pool may have connections.
    (openings, openingsContinuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
  }

  /// What the pool holds at this moment.
  public var statistics: PostgresPoolStatistics {
    let counts = state.withLock { $0.machine.counts }
    return PostgresPoolStatistics(open: counts.open, idle: counts.idle, waiting: counts.waiting)
  }

  // MARK: Using

  /// Lends a connection to the body and takes it back when the body ends, however it ends.
  ///
  /// A connection that comes back broken or inside a transaction is closed. Session settings the body changed stay: use
  /// SET LOCAL. The connection must not be used after the body has ended.
  public nonisolated(nonsending) func withConnection<R: Sendable>(
    file: String = #fileID, line: Int = #line, _ body: (PostgresConnection) async throws -> R
  ) async throws -> R {
    let (id, connection) = try await acquire(CallSite(operation: "acquire connection", file: file, line: line))
    defer { release(id, connection) }
    return try await body(connection)
  }

  /// Runs the body in a transaction on a connection of the pool; see
  /// ``PostgresConnection/withTransaction(isolation:readOnly:file:line:_:)`` for what a return or an error means.
  public nonisolated(nonsending) func withTransaction<R: Sendable>(
    isolation: PostgresIsolation = .readCommitted, readOnly: Bool = false, file: String = #fileID, line: Int = #line,
    _ body: (PostgresConnection) async throws -> R
  ) async throws -> R {
    try await withConnection(file: file, line: line) { connection in
      try await connection.withTransaction(
        isolation: isolation, readOnly: readOnly, file: file, line: line, body)
    }
  }

  // MARK: Acquiring

  private nonisolated(nonsending) func acquire(
    _ call: CallSite
  ) async throws(PostgresError) -> (Int, PostgresConnection) {
    while true {
      let id = ExchangeID()
      let acquired = await withTaskCancellationHandler {
        await withUnsafeContinuation { acquire(id, $0) }
      } onCancel: {
        let waiter = state.withLock { $0.machine.cancelWaiter(id) }
        waiter?.resume(returning: .failed(.cancelled))
      }
      switch acquired {
      case .failed(let kind): throw call.error(kind)
      case .connection(let id, let connection):
        if connection.health.isOpen { return (id, connection) }
        // It broke between two users, and the news has not arrived yet.
        release(id, connection)
      }
    }
  }

  private func acquire(_ id: ExchangeID, _ continuation: UnsafeContinuation<Acquired, Never>) {
    let now = ContinuousClock.now
    // The handler runs before the wait when the task is already cancelled, so that must be seen here.
    guard !Task.isCancelled else { return continuation.resume(returning: .failed(.cancelled)) }
    let immediate: Acquired? = state.withLock { state in
      switch state.machine.lease(id, continuation, now: now) {
      case .lease(let id): return state.connections[id].map { .connection(id, $0) } ?? .failed(.poolClosed)
      case .wait(let opening):
        if let opening { openingsContinuation.yield(opening) }
        watchDeadline(&state)
        return nil
      case .refuseExhausted(let waiting): return .failed(.poolExhausted(waiting: waiting))
      case .refuseStopped: return .failed(.poolClosed)
      }
    }
    if let immediate { return continuation.resume(returning: immediate) }
    // A handler that ran just before the wait began has found nobody.
    guard Task.isCancelled, let waiter = state.withLock({ $0.machine.cancelWaiter(id) }) else { return }
    waiter.resume(returning: .failed(.cancelled))
  }

  /// Sets one timer for the caller that waits longest; all wait equally long, so it is the first whose time is up.
  private func watchDeadline(_ state: inout State) {
    guard !state.isTimerSet, let deadline = state.machine.nextDeadline else { return }
    state.isTimerSet = true
    PostgresEventLoop.shared.schedule(at: deadline) { [weak self] in self?.expireWaiters() }
  }

  private func expireWaiters() {
    let (expired, lastError) = state.withLock { state in
      state.isTimerSet = false
      let expired = state.machine.expireWaiters(now: .now)
      watchDeadline(&state)
      return (expired, state.lastConnectError)
    }
    for waiter in expired { waiter.resume(returning: .failed(.poolTimeout(lastConnectError: lastError))) }
  }

  private func release(_ id: Int, _ connection: PostgresConnection) {
    let isReusable = connection.health.isReusable
    if !isReusable, connection.health.isOpen {
      logger.warning("a connection came back inside a transaction and is closed")
    }
    let action = state.withLock { state in
      let action = state.machine.release(id, isReusable: isReusable, now: .now)
      if case .close = action { state.connections[id] = nil }
      return action
    }
    perform(action, id, connection)
  }

  private func perform(_ action: Machine.ReturnAction, _ id: Int, _ connection: PostgresConnection) {
    switch action {
    case .hand(let waiter): waiter.resume(returning: .connection(id, connection))
    case .park: break
    case .close(let opening):
      connection.closeSoon()
      if let opening { openingsContinuation.yield(opening) }
    }
  }

  // MARK: Running

  /// Opens, checks and closes connections until the task is cancelled; then refuses waiting callers and closes what is
  /// idle.
  ///
  /// Connections lent at that moment keep working and are closed as they come back. A pool runs once.
  public func run() async throws {
    let isFirst = state.withLock { state in
      defer { state.hasRun = true }
      return !state.hasRun
    }
    guard isFirst else {
      throw PostgresError("run pool", .protocolViolation("a pool runs once"), file: #fileID, line: #line)
    }
    await withDiscardingTaskGroup { group in
      group.addTask { await self.checkPeriodically() }
      for await opening in openings {
        group.addTask { await self.open(opening) }
      }
      stop()
      group.cancelAll()
    }
  }

  private func stop() {
    let (connections, waiters) = state.withLock { state in
      let (closing, refused) = state.machine.stop()
      let connections = closing.compactMap { state.connections.removeValue(forKey: $0) }
      return (connections, refused)
    }
    for waiter in waiters { waiter.resume(returning: .failed(.poolClosed)) }
    for connection in connections { connection.closeSoon() }
  }

  private func open(_ opening: Opening) async {
    do {
      if opening.after > .zero { try await Task.sleep(for: opening.after) }
      let id = opening.id
      let connection = try await PostgresConnection.open(
        configuration, logger: logger,
        CallSite(operation: "open pooled connection", file: #fileID, line: #line)
      ) { [weak self] in
        self?.connectionClosed(id)
      }
      opened(id, connection)
    } catch {
      openFailed(opening.id, error as? PostgresError)
    }
  }

  private func opened(_ id: Int, _ connection: PostgresConnection) {
    let now = ContinuousClock.now
    let action = state.withLock { state in
      if state.lastConnectError != nil { logger.notice("the database can be reached again") }
      state.lastConnectError = nil
      state.connections[id] = connection
      let action = state.machine.opened(id, now: now)
      if case .close = action { state.connections[id] = nil }
      while let opening = state.machine.openMore(now: now) { openingsContinuation.yield(opening) }
      return action
    }
    perform(action, id, connection)
  }

  private func openFailed(_ id: Int, _ error: PostgresError?) {
    state.withLock { state in
      if let error {
        if state.lastConnectError == nil {
          logger.log(level: .warning, "the database cannot be reached", [.error: error.description])
        }
        logger.log(level: .debug, "an attempt to connect failed", [.error: error.debugDescription])
        state.lastConnectError = error
      }
      let opening = state.machine.openFailed(id, random: .random(in: 0..<1), now: .now)
      if let opening { openingsContinuation.yield(opening) }
    }
  }

  /// The server ended a session, or the network did. Called on the event loop's thread.
  private func connectionClosed(_ id: Int) {
    state.withLock { state in
      if state.machine.closed(id) { state.connections[id] = nil }
    }
  }

  // MARK: Health

  private func checkPeriodically() async {
    let pause = max(configuration.idleHealthCheckAge / 2, .milliseconds(10))
    while !Task.isCancelled {
      do { try await Task.sleep(for: pause) } catch { return }
      let due = state.withLock { state in
        state.machine.takeForCheck(now: .now).compactMap { id in state.connections[id].map { (id, $0) } }
      }
      await withDiscardingTaskGroup { group in
        for (id, connection) in due {
          group.addTask { await self.check(id, connection) }
        }
      }
    }
  }

  /// An empty statement is the smallest sign of life. One that does not answer in time closes the connection.
  private func check(_ id: Int, _ connection: PostgresConnection) async {
    let call = CallSite(operation: "check connection", file: #fileID, line: #line)
    let isHealthy: Bool
    do throws(PostgresError) {
      _ = try await connection.runScript(PostgresStatement(""), timeout: configuration.connectTimeout, call)
      isHealthy = connection.health.isReusable
    } catch {
      isHealthy = false
      logger.log(level: .info, "an idle connection is replaced", [.error: error.description])
    }
    let action = state.withLock { state in
      let action = state.machine.checked(id, isHealthy: isHealthy, now: .now)
      if case .close = action { state.connections[id] = nil }
      return action
    }
    perform(action, id, connection)
  }
}

/// Connections of a pool at one moment.
public struct PostgresPoolStatistics: Sendable, Hashable {
  /// Established connections, lent or idle.
  public var open: Int
  /// Those of them that nobody uses.
  public var idle: Int
  /// Callers that wait for one.
  public var waiting: Int
}
