/// Who may use the connection: one exchange at a time, the others in order of arrival.
struct ConnectionStateMachine<ID: Hashable> {
  private enum State {
    case idle
    /// `isExclusive` is a copy, whose body may run for long and must not use the connection for anything else.
    case busy(ID, isExclusive: Bool, waiting: [Waiter])
    case closed
  }

  private struct Waiter {
    let id: ID
    let isExclusive: Bool
  }

  private var state = State.idle

  var isIdle: Bool {
    if case .idle = state { return true }
    return false
  }

  var isClosed: Bool {
    if case .closed = state { return true }
    return false
  }

  enum BeginAction: Equatable {
    case proceed
    case wait
    /// A copy is open: waiting for it from inside its body would never end.
    case refuseDuringCopy
    case refuseClosed
  }

  mutating func begin(_ id: ID, isExclusive: Bool) -> BeginAction {
    switch state {
    case .idle:
      state = .busy(id, isExclusive: isExclusive, waiting: [])
      return .proceed
    case .busy(_, isExclusive: true, _): return .refuseDuringCopy
    case .busy(let current, isExclusive: false, var waiting):
      waiting.append(Waiter(id: id, isExclusive: isExclusive))
      state = .busy(current, isExclusive: false, waiting: waiting)
      return .wait
    case .closed: return .refuseClosed
    }
  }

  enum EndAction: Equatable {
    case none
    /// The connection is free: what arrived in between can be handled.
    case becomeIdle
    case resume(ID)
  }

  mutating func end(_ id: ID) -> EndAction {
    switch state {
    case .busy(let current, _, var waiting):
      precondition(current == id, "an exchange ended that was not in progress")
      guard !waiting.isEmpty else {
        state = .idle
        return .becomeIdle
      }
      let next = waiting.removeFirst()
      state = .busy(next.id, isExclusive: next.isExclusive, waiting: waiting)
      return .resume(next.id)
    case .closed: return .none
    case .idle: preconditionFailure("an exchange ended on an idle connection")
    }
  }

  enum CancelAction: Equatable {
    /// It has ended, or has not begun and will look for itself.
    case none
    case interruptExchange
    case failWaiter
  }

  mutating func cancel(_ id: ID) -> CancelAction {
    switch state {
    case .idle, .closed: return .none
    case .busy(let current, let isExclusive, var waiting):
      if current == id { return .interruptExchange }
      guard let index = waiting.firstIndex(where: { $0.id == id }) else { return .none }
      waiting.remove(at: index)
      state = .busy(current, isExclusive: isExclusive, waiting: waiting)
      return .failWaiter
    }
  }

  /// The connection is closed or lost. Returns whose wait ends; an exchange in progress learns of it by itself. Once.
  mutating func close() -> (isFirst: Bool, waiters: [ID]) {
    switch state {
    case .idle:
      state = .closed
      return (true, [])
    case .busy(_, _, let waiting):
      state = .closed
      return (true, waiting.map(\.id))
    case .closed: return (false, [])
    }
  }
}
