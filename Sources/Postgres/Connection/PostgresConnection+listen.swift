/// What another session sent with NOTIFY.
public struct PostgresNotification: Sendable, Hashable {
  /// The channel's name, without quotes.
  public var channel: String
  public var payload: String
  /// The process that sent it; comparing with one's own `backendPID` tells one's own notifications.
  public var backendPID: Int32
  /// Whether some before this one were dropped, because the consumer was slow. A hint was lost, so look at the tables.
  public var followsDropped: Bool
}

extension PostgresConnection {
  /// Listens on channels while the body runs, and stops listening when it ends.
  ///
  /// The body gets every notification committed after the call has begun it, in the order of their commits, for as long
  /// as the connection lives; there is no replay. At most `notificationBufferMax` wait for a slow body, then the oldest
  /// are dropped and the next one says so. Notifications are hints: whoever needs all of something reads it from a
  /// table.
  ///
  /// The connection can execute statements meanwhile. Outside a transaction only: inside one, nothing arrives before
  /// its end.
  public nonisolated(nonsending) func withListen<R: Sendable>(
    _ channels: [String], file: String = #fileID, line: Int = #line,
    _ body: (PostgresNotifications) async throws -> R
  ) async throws -> R {
    let call = CallSite(operation: "listen", file: file, line: line)
    let id = ExchangeID()
    try await subscribe(id, channels, call)
    let result: R
    do {
      result = try await body(PostgresNotifications(connection: self, id: id, call: call))
    } catch {
      await unsubscribe(id, call)
      throw error
    }
    await unsubscribe(id, call)
    return result
  }

  struct Subscription {
    let channels: Set<String>
    var machine: ListenStateMachine<PostgresNotification, Consumer>
  }

  typealias Consumer = UnsafeContinuation<Result<PostgresNotification?, PostgresError>, Never>

  /// The buffer exists before the server is asked, so that nothing falls between.
  private func subscribe(_ id: ExchangeID, _ channels: [String], _ call: CallSite) async throws(PostgresError) {
    subscriptions[id] = Subscription(
      channels: Set(channels), machine: ListenStateMachine(bufferMax: configuration.notificationBufferMax))
    do throws(PostgresError) {
      let sql = try listenStatements("LISTEN", Set(channels), call)
      _ = try await runScript(PostgresStatement(sql), timeout: configuration.statementDeadline, call)
    } catch {
      await unsubscribe(id, call)
      throw error
    }
  }

  /// Runs also when the task is cancelled: the session would otherwise go on listening. Channels that another
  /// subscription of this connection has remain. A connection that cannot stop is closed.
  private func unsubscribe(_ id: ExchangeID, _ call: CallSite) async {
    guard var subscription = subscriptions.removeValue(forKey: id) else { return }
    subscription.machine.left()?.resume(returning: .success(nil))
    guard !machine.isClosed else { return }
    let stillUsed = subscriptions.values.reduce(into: Set<String>()) { $0.formUnion($1.channels) }
    let channels = subscription.channels.subtracting(stillUsed)
    guard !channels.isEmpty else { return }
    do throws(PostgresError) {
      let sql = try listenStatements("UNLISTEN", channels, call)
      _ = try await runScript(
        PostgresStatement(sql), cancellation: .ignored, timeout: configuration.cancelTimeout, call)
    } catch {
      // Inside a failed transaction UNLISTEN is refused; the pool closes such a connection, and so do we.
      close()
    }
  }

  private func listenStatements(
    _ verb: String, _ channels: Set<String>, _ call: CallSite
  ) throws(PostgresError) -> String {
    guard !machine.isClosed else {
      throw call.error(.connectionLost(nil, message: "the connection is closed"))
    }
    var statements: [String] = []
    for channel in channels.sorted() {
      guard !channel.utf8.contains(0), let quoted = link.quoteIdentifier(channel) else {
        throw call.error(.protocolViolation("a channel name must be valid text"))
      }
      statements.append("\(verb) \(quoted)")
    }
    return statements.joined(separator: "; ")
  }

  // MARK: Arrival

  /// Hands what libpq has received to the subscriptions of its channel.
  func deliverNotifications() {
    while let (channel, payload, backendPID) = link.nextNotification() {
      let notification = PostgresNotification(
        channel: channel, payload: payload, backendPID: backendPID, followsDropped: false)
      for (id, subscription) in subscriptions where subscription.channels.contains(channel) {
        switch subscriptions[id]?.machine.notified(notification) {
        case .deliver(let consumer, let isMissingSome):
          consumer.resume(returning: .success(notification.following(isMissingSome)))
        case .some(.none), nil: break
        }
      }
    }
  }

  func failSubscriptions(_ reason: PostgresError.Kind) {
    for id in subscriptions.keys {
      let error = PostgresError("receive notification", reason, file: #fileID, line: #line)
      subscriptions[id]?.machine.failed(error)?.resume(returning: .failure(error))
    }
  }

  // MARK: Consumption

  nonisolated(nonsending) fileprivate func nextNotification(
    _ id: ExchangeID, _ call: CallSite
  ) async throws(PostgresError) -> PostgresNotification? {
    try await withTaskCancellationHandler {
      await demandNotification(id, call)
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.cancelConsumer(id) } }
    }.get()
  }

  private func demandNotification(
    _ id: ExchangeID, _ call: CallSite
  ) async -> Result<PostgresNotification?, PostgresError> {
    if Task.isCancelled { return .failure(call.error(.cancelled)) }
    return await withUnsafeContinuation { continuation in
      let answer: Result<PostgresNotification?, PostgresError>
      switch subscriptions[id]?.machine.demanded(by: continuation) {
      case .deliver(let notification, let isMissingSome): answer = .success(notification.following(isMissingSome))
      case .suspend: return
      case .fail(let error): answer = .failure(call.error(error.kind))
      case .refuse: answer = .failure(call.error(.protocolViolation("one consumer reads notifications at a time")))
      case .end, nil: answer = .success(nil)
      }
      continuation.resume(returning: answer)
    }
  }

  private func cancelConsumer(_ id: ExchangeID) {
    let error = PostgresError("receive notification", .cancelled, file: #fileID, line: #line)
    subscriptions[id]?.machine.consumerCancelled()?.resume(returning: .failure(error))
  }
}

extension PostgresNotification {
  fileprivate func following(_ dropped: Bool) -> PostgresNotification {
    var copy = self
    copy.followsDropped = dropped
    return copy
  }
}

/// The notifications of one ``PostgresConnection/withListen(_:file:line:_:)``.
///
/// Never ends by itself: it throws when the connection is lost or the task is cancelled, and ends when the scope is
/// left. One consumer at a time.
public struct PostgresNotifications: AsyncSequence, Sendable {
  public typealias Element = PostgresNotification
  public typealias Failure = PostgresError
  fileprivate let connection: PostgresConnection
  fileprivate let id: ExchangeID
  fileprivate let call: CallSite

  public func makeAsyncIterator() -> Iterator { Iterator(notifications: self) }

  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let notifications: PostgresNotifications

    /// Runs where its consumer runs, without a change of thread unless it must wait.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(PostgresError) -> PostgresNotification? {
      try await notifications.connection.nextNotification(notifications.id, notifications.call)
    }
  }
}

@available(*, unavailable)
extension PostgresNotifications.Iterator: Sendable {}
