/// One subscription: notifications that wait for their consumer, or a consumer that waits for notifications.
///
/// The buffer is bounded. A full one drops its oldest entry, and the next one delivered says that some are missing.
struct ListenStateMachine<Notification, Consumer> {
  private enum State {
    case buffering([Notification])
    case consumerWaiting(Consumer)
    case failed(PostgresError, [Notification])
    case ended
  }

  private let bufferMax: Int
  private var state = State.buffering([])
  private var isMissingSome = false

  init(bufferMax: Int) {
    self.bufferMax = max(bufferMax, 1)
  }

  enum NotifiedAction {
    case none
    case deliver(Consumer, isMissingSome: Bool)
  }

  mutating func notified(_ notification: Notification) -> NotifiedAction {
    switch state {
    case .buffering(var buffer):
      state = .ended  // so that the buffer is not copied
      if buffer.count == bufferMax {
        buffer.removeFirst()
        isMissingSome = true
      }
      buffer.append(notification)
      state = .buffering(buffer)
      return .none
    case .consumerWaiting(let consumer):
      state = .buffering([])
      return .deliver(consumer, isMissingSome: takeMissing())
    case .failed, .ended: return .none
    }
  }

  enum DemandAction {
    case deliver(Notification, isMissingSome: Bool)
    case suspend
    case fail(PostgresError)
    /// Another consumer already waits; there can be one.
    case refuse
    case end
  }

  mutating func demanded(by consumer: Consumer) -> DemandAction {
    switch state {
    case .buffering(var buffer):
      guard !buffer.isEmpty else {
        state = .consumerWaiting(consumer)
        return .suspend
      }
      let first = buffer.removeFirst()
      state = .buffering(buffer)
      return .deliver(first, isMissingSome: takeMissing())
    case .consumerWaiting: return .refuse
    case .failed(let error, var buffer):
      guard !buffer.isEmpty else { return .fail(error) }
      let first = buffer.removeFirst()
      state = .failed(error, buffer)
      return .deliver(first, isMissingSome: takeMissing())
    case .ended: return .end
    }
  }

  /// The consumer's task was cancelled. Returns the consumer if it still waits.
  mutating func consumerCancelled() -> Consumer? {
    switch state {
    case .consumerWaiting(let consumer):
      state = .buffering([])
      return consumer
    case .buffering, .failed, .ended: return nil
    }
  }

  /// The connection is lost. Returns the consumer if one waits; what is buffered can still be taken.
  mutating func failed(_ error: PostgresError) -> Consumer? {
    switch state {
    case .buffering(let buffer):
      state = .failed(error, buffer)
      return nil
    case .consumerWaiting(let consumer):
      state = .failed(error, [])
      return consumer
    case .failed, .ended: return nil
    }
  }

  /// The scope is left. Returns the consumer if one waits, whose sequence then ends.
  mutating func left() -> Consumer? {
    defer { state = .ended }
    if case .consumerWaiting(let consumer) = state { return consumer }
    return nil
  }

  private mutating func takeMissing() -> Bool {
    defer { isMissingSome = false }
    return isMissingSome
  }
}
