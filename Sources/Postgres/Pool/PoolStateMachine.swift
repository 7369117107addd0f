/// Which connection exists, who holds it, who waits. Knows nothing of PostgreSQL, time or threads.
///
/// Connections are opened on demand: one for each waiter, up to the limit. After a failed attempt only one probes at a
/// time, with growing pauses, and only while somebody waits. Waiters are served in order of arrival.
struct PoolStateMachine<ID: Hashable & Sendable, WaiterID: Hashable, Waiter> {
  typealias Opening = PoolOpening<ID>

  struct Limits {
    var sizeMax: Int
    var waitersMax: Int
    var acquireTimeout: Duration
    var healthCheckAge: Duration
    var backoffMin: Duration
    var backoffMax: Duration
  }

  private enum Connection: Equatable {
    /// An attempt is running, or waits for its pause to elapse.
    case opening
    case idle(since: ContinuousClock.Instant)
    case leased
    case checking
  }

  private enum Phase {
    case running
    case stopped
  }

  private let limits: Limits
  private let makeID: (Int) -> ID
  private var phase = Phase.running
  private var made = 0
  private var connections: [ID: Connection] = [:]
  /// The most recently used last: it is taken first, and those not needed grow old.
  private var idle: [ID] = []
  private var waiters = WaitQueue<WaiterID, (waiter: Waiter, deadline: ContinuousClock.Instant)>()
  private var openingCount = 0
  private var failuresInARow = 0
  /// No attempt before this.
  private var notBefore: ContinuousClock.Instant?

  /// `makeID` names the n-th connection.
  init(limits: Limits, makeID: @escaping (Int) -> ID) {
    self.limits = limits
    self.makeID = makeID
  }

  var counts: (open: Int, idle: Int, waiting: Int) {
    (connections.count - openingCount, idle.count, waiters.count)
  }

  var nextDeadline: ContinuousClock.Instant? { waiters.first?.element.deadline }

  // MARK: Leasing

  enum LeaseAction {
    case lease(ID)
    case wait(open: Opening?)
    case refuseExhausted(waiting: Int)
    case refuseStopped
  }

  mutating func lease(_ id: WaiterID, _ waiter: Waiter, now: ContinuousClock.Instant) -> LeaseAction {
    guard phase == .running else { return .refuseStopped }
    if let free = idle.popLast() {
      connections[free] = .leased
      return .lease(free)
    }
    guard waiters.count < limits.waitersMax else { return .refuseExhausted(waiting: waiters.count) }
    waiters.append(id, (waiter, now + limits.acquireTimeout))
    return .wait(open: openIfNeeded(now: now))
  }

  /// The waiter's task was cancelled. Returns it if it still waited.
  mutating func cancelWaiter(_ id: WaiterID) -> Waiter? {
    waiters.remove(id)?.waiter
  }

  /// Takes out all whose time is up.
  mutating func expireWaiters(now: ContinuousClock.Instant) -> [Waiter] {
    var expired: [Waiter] = []
    // All wait equally long, so deadlines stand in order.
    while let first = waiters.first, first.element.deadline <= now {
      _ = waiters.popFirst()
      expired.append(first.element.waiter)
    }
    return expired
  }

  // MARK: Connections

  enum ReturnAction {
    /// It goes to this waiter.
    case hand(Waiter)
    case park
    /// It must be closed; another one is needed instead.
    case close(open: Opening?)
  }

  /// A leased connection comes back.
  mutating func release(_ id: ID, isReusable: Bool, now: ContinuousClock.Instant) -> ReturnAction {
    precondition(connections[id] == .leased, "only a leased connection is released")
    return accept(id, isReusable: isReusable, now: now)
  }

  /// A new connection is open.
  mutating func opened(_ id: ID, now: ContinuousClock.Instant) -> ReturnAction {
    precondition(connections[id] == .opening, "only a connection being opened can open")
    openingCount -= 1
    failuresInARow = 0
    notBefore = nil
    connections[id] = .leased
    return accept(id, isReusable: true, now: now)
  }

  /// What is still needed once one connection could be opened again.
  mutating func openMore(now: ContinuousClock.Instant) -> Opening? {
    guard phase == .running else { return nil }
    return openIfNeeded(now: now)
  }

  /// An attempt failed. `random` in 0..<1 spreads the next attempts of many processes.
  mutating func openFailed(_ id: ID, random: Double, now: ContinuousClock.Instant) -> Opening? {
    precondition(connections[id] == .opening, "only a connection being opened can fail to open")
    connections[id] = nil
    openingCount -= 1
    failuresInARow += 1
    notBefore = now + pause(random: random)
    guard phase == .running else { return nil }
    return openIfNeeded(now: now)
  }

  /// A connection has broken or was closed by somebody else. True when it is gone; one that is leased or being checked
  /// is still to be released.
  mutating func closed(_ id: ID) -> Bool {
    switch connections[id] {
    case .idle:
      connections[id] = nil
      idle.removeAll { $0 == id }
      return true
    case .leased, .checking, .opening, nil: return false
    }
  }

  // MARK: Health

  /// Takes the connections that have been idle for long enough; each comes back through `checked`.
  mutating func takeForCheck(now: ContinuousClock.Instant) -> [ID] {
    guard phase == .running else { return [] }
    let due = idle.filter { id in
      if case .idle(let since) = connections[id] { now - since >= limits.healthCheckAge } else { false }
    }
    for id in due { connections[id] = .checking }
    idle.removeAll { due.contains($0) }
    return due
  }

  mutating func checked(_ id: ID, isHealthy: Bool, now: ContinuousClock.Instant) -> ReturnAction {
    precondition(connections[id] == .checking, "only a connection being checked has been checked")
    return accept(id, isReusable: isHealthy, now: now)
  }

  // MARK: Stopping

  /// Ends the pool. Idle connections are to be closed and waiters refused; leased ones are closed as they come back.
  mutating func stop() -> (close: [ID], refuse: [Waiter]) {
    phase = .stopped
    let closing = idle
    for id in idle { connections[id] = nil }
    idle = []
    var refused: [Waiter] = []
    while let waiter = waiters.popFirst() { refused.append(waiter.element.waiter) }
    return (closing, refused)
  }

  // MARK: Rules

  private mutating func accept(_ id: ID, isReusable: Bool, now: ContinuousClock.Instant) -> ReturnAction {
    guard phase == .running, isReusable else {
      connections[id] = nil
      return .close(open: phase == .running ? openIfNeeded(now: now) : nil)
    }
    if let next = waiters.popFirst() {
      connections[id] = .leased
      return .hand(next.element.waiter)
    }
    connections[id] = .idle(since: now)
    idle.append(id)
    return .park
  }

  private mutating func openIfNeeded(now: ContinuousClock.Instant) -> Opening? {
    let openingMax = failuresInARow == 0 ? limits.sizeMax : 1
    guard openingCount < min(waiters.count, openingMax), connections.count < limits.sizeMax else { return nil }
    made += 1
    let id = makeID(made)
    connections[id] = .opening
    openingCount += 1
    let pause = notBefore.map { max(now.duration(to: $0), .zero) } ?? .zero
    return Opening(id: id, after: pause)
  }

  /// Half of the doubled pause is certain, half is chance.
  private func pause(random: Double) -> Duration {
    var pause = limits.backoffMin
    for _ in 1..<max(failuresInARow, 1) where pause < limits.backoffMax { pause = pause * 2 }
    return min(pause, limits.backoffMax) * (0.5 + random / 2)
  }
}

/// A connection to open, after a pause.
struct PoolOpening<ID: Hashable & Sendable>: Hashable, Sendable {
  let id: ID
  let after: Duration
}
