import Logging
import Synchronization

/// One session with the server, used by one statement at a time.
///
/// Its executor is the event loop's thread, so a socket that becomes readable resumes its statement without a change of
/// thread. Concurrent calls are served in order of arrival. A statement counts as done only at ReadyForQuery without an
/// error.
///
/// **Cancellation.** A cancelled task makes the server cancel its statement; the connection is usable afterwards. When
/// the statement completed all the same, the error says that it is unknown whether it took effect.
///
/// **Retry.** Nothing is sent twice, with one exception that cannot execute twice: outside a transaction, a statement
/// that the server refused because its plan is outdated is prepared anew.
public actor PostgresConnection {
  /// The event loop's thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    PostgresEventLoop.shared.asUnownedSerialExecutor()
  }

  nonisolated let configuration: PostgresConfiguration
  nonisolated let logger: Logger
  nonisolated let health = Health()
  let link: LibPQConnection
  let loop = PostgresEventLoop.shared
  var machine = ConnectionStateMachine<ExchangeID>()
  var statements: StatementCache
  /// Prepared statements the cache gave up, released with the next opportunity.
  var statementsToRelease: [String] = []
  var turns: [ExchangeID: UnsafeContinuation<Turn, Never>] = [:]
  var subscriptions: [ExchangeID: Subscription] = [:]
  var openCopy: OpenCopy?
  /// The socket spoke while an exchange was in progress that did not wait for it; the event loop has let go of it
  /// since.
  var isUnwatched = false
  private var watched: SocketToken?
  private var onClose: (@Sendable () -> Void)?

  /// What is known about the connection without being on its executor; as of the last exchange.
  final class Health: Sendable {
    private let isOpenFlag = Atomic<Bool>(true)
    private let status = Atomic<UInt8>(PostgresTransactionStatus.idle.rawValue)

    var isOpen: Bool { isOpenFlag.load(ordering: .acquiring) }
    var transactionStatus: PostgresTransactionStatus {
      PostgresTransactionStatus(rawValue: status.load(ordering: .acquiring)) ?? .unknown
    }
    /// Whether the next user finds it as the last one did.
    var isReusable: Bool { isOpen && transactionStatus == .idle }

    func noteClosed() { isOpenFlag.store(false, ordering: .releasing) }
    func note(_ newStatus: PostgresTransactionStatus) { status.store(newStatus.rawValue, ordering: .releasing) }
  }

  init(link: LibPQConnection, configuration: PostgresConfiguration, logger: Logger) {
    self.link = link
    self.configuration = configuration
    self.logger = logger
    statements = StatementCache(countMax: configuration.preparedStatementsMax)
  }

  /// Starts to watch the socket. `onClose` is called once, on the event loop's thread.
  func start(onClose: @escaping @Sendable () -> Void) {
    self.onClose = onClose
    serverVersion = link.serverVersion
    backendPID = link.backendPID
    watched = loop.watch(link.socket) { [weak self] in
      self?.assumeIsolated { $0.readIdle() }
    }
  }

  /// The server's version as one number, such as 150018 for 15.18.
  public private(set) var serverVersion = 0

  /// The process that serves this session, as in `pg_stat_activity`.
  public private(set) var backendPID: Int32 = 0

  /// Whether a transaction is open, as of the last statement.
  public var transactionStatus: PostgresTransactionStatus {
    machine.isClosed ? .unknown : link.transactionStatus
  }

  /// Whether the connection is closed; it never opens again.
  public var isClosed: Bool { machine.isClosed }

  /// A name as an SQL identifier, in quotes; nil when it cannot be one, or when the connection is closed.
  public func quoteIdentifier(_ name: String) -> String? {
    guard !machine.isClosed, !name.utf8.contains(0) else { return nil }
    return link.quoteIdentifier(name)
  }

  /// Names the socket at the event loop; there is one until the connection closes.
  var socket: SocketToken {
    guard let watched else { preconditionFailure("a closed connection has no socket") }
    return watched
  }

  // MARK: Idle

  /// The server spoke although nobody asked: a notification, a notice, or the end of the session.
  private func readIdle() {
    // Between two chunks of a copy nobody reads, which is what back-pressure means. And an exchange may just be about
    // to end.
    guard machine.isIdle else {
      isUnwatched = true
      return
    }
    guard link.consumeInput() else {
      let message = link.errorMessage
      return close(reason: .connectionLost(nil, message: message))
    }
    // Makes libpq look at what it has read.
    _ = link.isBusy
    deliverNotifications()
    loop.watchIdle(socket)
  }

  // MARK: Closing

  /// Closes the connection now. What waits for its turn fails, and so does a statement in progress.
  public func close() {
    close(reason: .connectionLost(nil, message: "the connection was closed on this side"))
  }

  /// Closes the connection soon, from anywhere.
  nonisolated func closeSoon() {
    loop.execute { self.assumeIsolated { $0.close() } }
  }

  func close(reason: PostgresError.Kind) {
    let (isFirst, waiters) = machine.close()
    guard isFirst else { return }
    health.noteClosed()
    // Before libpq closes the descriptor, or else before anything else can get its number: nothing runs in between.
    if let watched { loop.unwatch(watched) }
    watched = nil
    link.finish()
    for id in waiters { turns.removeValue(forKey: id)?.resume(returning: .closed) }
    failSubscriptions(reason)
    onClose?()
    onClose = nil
  }
}

/// Names one exchange in its life from the wish for a turn to its end.
struct ExchangeID: Hashable, Sendable {
  private let rawValue: UInt64
  private static let last = Atomic<UInt64>(0)

  init() {
    rawValue = Self.last.wrappingAdd(1, ordering: .relaxed).newValue
  }
}

/// How a wait for the connection ended.
enum Turn {
  case granted
  case cancelled
  case refusedDuringCopy
  case closed
}
