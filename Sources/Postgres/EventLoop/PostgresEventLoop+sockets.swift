import CLibPQ
import Glibc
import Synchronization

/// Names a watched socket. Never reused, so a late message cannot reach the next user of a descriptor.
struct SocketToken: Hashable, Sendable {
  fileprivate let rawValue: UInt64
}

/// Names a timer that has not fired.
struct TimerToken: Hashable, Sendable {
  fileprivate let rawValue: UInt64
}

/// What a connection waits for. Reading is always included: the server may speak at any time.
enum SocketInterest: Equatable, Sendable {
  case read
  case readAndWrite
}

/// Why a wait ended; several reasons may come together.
struct SocketWake: OptionSet, Sendable {
  let rawValue: UInt8
  static let readable = SocketWake(rawValue: 1)
  static let writable = SocketWake(rawValue: 2)
  static let deadline = SocketWake(rawValue: 4)
  /// The task was cancelled.
  static let cancelled = SocketWake(rawValue: 8)
  /// The server has taken note of a cancel request.
  static let cancelReturned = SocketWake(rawValue: 16)
  /// The socket is no longer watched.
  static let closed = SocketWake(rawValue: 32)
}

extension PostgresEventLoop {
  struct Socket {
    let descriptor: Int32
    /// What the kernel watches for; zero means that the descriptor is not in its set.
    var armed: UInt32 = 0
    var waiter: UnsafeContinuation<SocketWake, Never>?
    var deadline: ContinuousClock.Instant?
    /// Interruptions that came while nobody waited.
    var pending: SocketWake = []
    /// Called on the loop's thread when the server speaks and nobody waits; the socket is then unwatched until
    /// `watchIdle` or the next wait.
    let onIdleReadable: @Sendable () -> Void
  }

  struct Timer {
    let deadline: ContinuousClock.Instant
    let action: @Sendable () -> Void
  }

  // MARK: Sockets

  /// Starts to watch a descriptor for reading. On the loop's thread only: libpq closes descriptors on this thread, so
  /// no number can be reused between a close and its `unwatch`.
  func watch(_ descriptor: Int32, onIdleReadable: @escaping @Sendable () -> Void) -> SocketToken {
    checkIsolated()
    return state.withLock { state in
      state.lastToken += 1
      let token = SocketToken(rawValue: state.lastToken)
      var socket = Socket(descriptor: descriptor, onIdleReadable: onIdleReadable)
      arm(&socket, token, EPOLLIN.rawValue)
      state.sockets[token] = socket
      return token
    }
  }

  /// Stops watching; a waiter is woken with `.closed`. On the loop's thread, and before the descriptor's number can be
  /// reused.
  func unwatch(_ token: SocketToken) {
    checkIsolated()
    let waiter = state.withLock { state -> UnsafeContinuation<SocketWake, Never>? in
      guard var socket = state.sockets.removeValue(forKey: token) else { return nil }
      arm(&socket, token, 0)
      return socket.waiter
    }
    waiter?.resume(returning: .closed)
  }

  /// Watches an idle socket again after `onIdleReadable` has been called.
  func watchIdle(_ token: SocketToken) {
    state.withLock { state in
      guard var socket = state.sockets[token], socket.waiter == nil else { return }
      arm(&socket, token, EPOLLIN.rawValue)
      state.sockets[token] = socket
    }
  }

  /// Forgets interruptions meant for an exchange that has ended.
  func clearInterruptions(_ token: SocketToken) {
    state.withLock { $0.sockets[token]?.pending = [] }
  }

  /// Waits until the socket is ready, the deadline passes, or somebody interrupts. One waiter per socket.
  nonisolated(nonsending) func wait(
    _ token: SocketToken, for interest: SocketInterest, until deadline: ContinuousClock.Instant?
  ) async -> SocketWake {
    await withUnsafeContinuation { continuation in
      let immediate: SocketWake? = state.withLock { state in
        guard var socket = state.sockets[token] else { return .closed }
        precondition(socket.waiter == nil, "a connection waits for its socket once at a time")
        defer { state.sockets[token] = socket }
        let mask = interest == .read ? EPOLLIN.rawValue : EPOLLIN.rawValue | EPOLLOUT.rawValue
        arm(&socket, token, mask)
        if !socket.pending.isEmpty {
          defer { socket.pending = [] }
          return socket.pending
        }
        socket.waiter = continuation
        socket.deadline = deadline
        if let deadline { state.noteDeadline(deadline) }
        return nil
      }
      if let immediate { continuation.resume(returning: immediate) }
    }
  }

  /// Wakes the waiter for another reason than the socket's, or the next one that waits.
  func interrupt(_ token: SocketToken, _ reason: SocketWake) {
    let waiter = state.withLock { state -> UnsafeContinuation<SocketWake, Never>? in
      guard var socket = state.sockets[token] else { return nil }
      let waiter = socket.waiter
      if waiter == nil { socket.pending.formUnion(reason) }
      socket.waiter = nil
      socket.deadline = nil
      state.sockets[token] = socket
      return waiter
    }
    waiter?.resume(returning: reason)
  }

  private func arm(_ socket: inout Socket, _ token: SocketToken, _ mask: UInt32) {
    guard socket.armed != mask else { return }
    var event = epoll_event(events: mask, data: epoll_data(u64: token.rawValue))
    let operation = mask == 0 ? EPOLL_CTL_DEL : socket.armed == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
    let result = epoll_ctl(epollDescriptor, operation, socket.descriptor, &event)
    socket.armed = mask
    // A descriptor that libpq has closed left the set by itself; whoever waits learns of it by reading.
    if result != 0, mask != 0 { socket.pending.formUnion(.readable) }
  }

  // MARK: Timers

  /// Calls the closure on the loop's thread once the deadline has passed.
  @discardableResult
  func schedule(at deadline: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void) -> TimerToken {
    let (token, mustWake) = state.withLock { state in
      state.lastToken += 1
      let token = TimerToken(rawValue: state.lastToken)
      state.timers[token] = Timer(deadline: deadline, action: action)
      state.noteDeadline(deadline)
      let wasAsleep = state.isAsleep
      state.isAsleep = false
      return (token, wasAsleep)
    }
    if mustWake { wake() }
    return token
  }

  /// Forgets a timer; does nothing when it has fired.
  func cancel(_ token: TimerToken) {
    _ = state.withLock { $0.timers.removeValue(forKey: token) }
  }

  // MARK: Events, under the lock

  func handle(_ event: epoll_event, in state: inout State, _ consequences: inout [Consequence]) {
    let token = SocketToken(rawValue: event.data.u64)
    guard var socket = state.sockets[token] else { return }
    defer { state.sockets[token] = socket }
    guard let waiter = socket.waiter else {
      // Level-triggered events repeat, so an event nobody handles now is switched off.
      arm(&socket, token, 0)
      consequences.append(.call(socket.onIdleReadable))
      return
    }
    var reason: SocketWake = []
    // Errors and hang-ups are found by reading.
    if event.events & ~EPOLLOUT.rawValue != 0 { reason.formUnion(.readable) }
    if event.events & EPOLLOUT.rawValue != 0 { reason.formUnion(.writable) }
    reason.formUnion(socket.pending)
    socket.pending = []
    socket.waiter = nil
    socket.deadline = nil
    consequences.append(.resume(waiter, reason))
  }

  func handleDeadlines(in state: inout State, _ consequences: inout [Consequence]) {
    guard let soonest = state.soonestDeadline else { return }
    let now = ContinuousClock.now
    guard soonest <= now else { return }
    state.soonestDeadline = nil
    for (token, socket) in state.sockets {
      guard let deadline = socket.deadline else { continue }
      guard deadline <= now, let waiter = socket.waiter else {
        state.noteDeadline(deadline)
        continue
      }
      state.sockets[token]?.waiter = nil
      state.sockets[token]?.deadline = nil
      consequences.append(.resume(waiter, .deadline))
    }
    for (token, timer) in state.timers {
      if timer.deadline <= now {
        state.timers[token] = nil
        consequences.append(.call(timer.action))
      } else {
        state.noteDeadline(timer.deadline)
      }
    }
  }
}

extension PostgresEventLoop.State {
  mutating func noteDeadline(_ deadline: ContinuousClock.Instant) {
    soonestDeadline = min(soonestDeadline ?? deadline, deadline)
  }
}
