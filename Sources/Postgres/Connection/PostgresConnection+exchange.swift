/// The part that performs what the exchange state machines decide.
extension PostgresConnection {
  /// After a cancel request that did not help, the next one is sent this much later.
  private static let cancelPause = Duration.milliseconds(500)

  /// The times at which an exchange in progress is given up or reminded.
  struct Deadlines {
    /// For the server to answer.
    var hard: ContinuousClock.Instant?
    /// Set with the first request to cancel.
    var cancelAgain: ContinuousClock.Instant?

    init(after duration: Duration?) {
      hard = duration.map { .now + $0 }
    }

    var next: ContinuousClock.Instant? {
      guard let hard, let cancelAgain else { return hard ?? cancelAgain }
      return min(hard, cancelAgain)
    }
  }

  // MARK: Turns

  /// Waits for the connection to be free. After `.granted`, `endTurn` must follow.
  ///
  /// A cancellation that came before is seen here; one that comes later finds the exchange waiting or in progress,
  /// because its handler has to come to this thread.
  func beginTurn(_ id: ExchangeID, isExclusive: Bool = false, isCancellable: Bool = true) async -> Turn {
    if isCancellable, Task.isCancelled { return .cancelled }
    switch machine.begin(id, isExclusive: isExclusive) {
    case .proceed: break
    case .wait:
      let turn = await withUnsafeContinuation { turns[id] = $0 }
      guard turn == .granted else { return turn }
    case .refuseDuringCopy: return .refusedDuringCopy
    case .refuseClosed: return .closed
    }
    // It may have closed between the grant and this.
    if machine.isClosed { return .closed }
    loop.clearInterruptions(socket)
    return .granted
  }

  /// Gives the connection to whoever waits longest.
  func endTurn(_ id: ExchangeID) {
    if !machine.isClosed {
      health.note(link.transactionStatus)
      deliverNotifications()
    }
    switch machine.end(id) {
    case .none: break
    case .becomeIdle:
      if isUnwatched {
        isUnwatched = false
        loop.watchIdle(socket)
      }
    case .resume(let next): turns.removeValue(forKey: next)?.resume(returning: .granted)
    }
  }

  /// Cancels an exchange wherever it is; does nothing when it has ended. From any thread, as cancellation handlers are.
  nonisolated func requestCancel(_ id: ExchangeID) {
    loop.execute { self.assumeIsolated { $0.cancel(id) } }
  }

  private func cancel(_ id: ExchangeID) {
    switch machine.cancel(id) {
    case .none: break
    case .interruptExchange: loop.interrupt(socket, .cancelled)
    case .failWaiter: turns.removeValue(forKey: id)?.resume(returning: .cancelled)
    }
  }

  // MARK: Driving

  /// Performs actions until the machine pauses or ends. Returns nil for a pause.
  ///
  /// `send` hands an item to libpq; `keep` gets every result before the machine hears of it.
  func drive<Machine: ExchangeStateMachine>(
    _ machine: inout Machine, from first: Machine.Action, _ deadlines: inout Deadlines,
    send: (Machine.Item) -> Bool, keep: (LibPQResult, ResultKind, Machine) -> Void = { _, _, _ in }
  ) async -> ExchangeEnd? {
    var action = first
    while true {
      switch action {
      case .send(let item):
        // Reads first: what ends a copy may have been answered before it was sent.
        action = send(item) ? .read : machine.sendFailed(isBroken: link.isBroken)
      case .read:
        action = takeResults(&machine, keep)
      case .wait:
        action = await waitForServer(&machine, &deadlines)
      case .discardCopyData:
        switch link.discardCopy() {
        case .blocked, .full: action = await waitForServer(&machine, &deadlines)
        case .ended: action = machine.dataEnded()
        }
      case .askServerToCancel:
        askServerToCancel(&deadlines)
        action = await waitForServer(&machine, &deadlines)
      case .pause:
        return nil
      case .end(let end):
        return end
      }
    }
  }

  /// Feeds the machine with what has arrived, until it wants something else or nothing is left.
  private func takeResults<Machine: ExchangeStateMachine>(
    _ machine: inout Machine, _ keep: (LibPQResult, ResultKind, Machine) -> Void
  ) -> Machine.Action {
    while !link.isBusy {
      let action: Machine.Action
      if let result = link.nextResult() {
        let kind = result.kind
        keep(result, kind, machine)
        action = machine.received(kind)
      } else if link.isBroken {
        action = machine.connectionLost()
      } else {
        action = machine.noMoreResults()
      }
      guard action == .read else { return action }
    }
    return .wait
  }

  /// Writes what is left to write, waits for the server, the clock or a cancellation, and tells the machine.
  ///
  /// - Parameter hasMore: more is to be written, so there is nothing to wait for once the kernel has taken what there
  ///   was: a server that reads does not speak.
  func waitForServer<Machine: ExchangeStateMachine>(
    _ machine: inout Machine, _ deadlines: inout Deadlines, hasMore: Bool = false
  ) async -> Machine.Action {
    let interest: SocketInterest
    switch link.flush() {
    case .flushed where hasMore: return .read
    case .flushed: interest = .read
    case .pending: interest = .readAndWrite
    // What the server said before it went is read below.
    case .failed: interest = .read
    }
    let wake = await loop.wait(socket, for: interest, until: deadlines.next)
    if wake.contains(.closed) || self.machine.isClosed { return machine.connectionLost() }
    if wake.contains(.cancelReturned) {
      deadlines.cancelAgain = .now + Self.cancelPause
      let action = machine.cancelReturned()
      if case .end = action { return action }
    }
    if wake.contains(.readable), !link.consumeInput() {
      return takeLastWords(&machine)
    }
    if wake.contains(.cancelled) {
      deadlines.hard = .now + configuration.cancelTimeout
      let action = machine.cancelRequested()
      guard action == .wait || action == .read else { return action }
    }
    if wake.contains(.deadline) {
      if let hard = deadlines.hard, hard <= .now { return machine.deadlinePassed() }
      deadlines.cancelAgain = nil
      let action = machine.cancelPauseElapsed()
      guard action == .wait else { return action }
    }
    return .read
  }

  /// The connection broke; the server's reasons may still lie in libpq's buffer. The socket is closed, so nothing
  /// blocks.
  private func takeLastWords<Machine: ExchangeStateMachine>(_ machine: inout Machine) -> Machine.Action {
    while link.socket < 0, let result = link.nextResult() {
      guard case .serverError = result.kind else { continue }
      if case .end(let end) = machine.received(result.kind) { return .end(end) }
    }
    return machine.connectionLost()
  }

  private func askServerToCancel(_ deadlines: inout Deadlines) {
    deadlines.hard =
      deadlines.hard.map { min($0, .now + configuration.cancelTimeout) }
      ?? .now + configuration.cancelTimeout
    let socket = socket
    let loop = loop
    guard let request = link.makeCancelRequest() else { return loop.interrupt(socket, .cancelReturned) }
    let isSubmitted = BlockingThreads.cancelling.submit {
      request.send()
      loop.interrupt(socket, .cancelReturned)
    }
    if !isSubmitted { loop.interrupt(socket, .cancelReturned) }
  }

  // MARK: Ends

  /// Closes the connection if the end asks for it, and makes the error its caller gets.
  func error(
    for end: ExchangeEnd, _ call: CallSite, _ statement: PostgresStatement?
  ) -> PostgresError? {
    let message = machine.isClosed ? "the connection was closed on this side" : link.errorMessage
    if end.mustClose { close(reason: .connectionLost(nil, message: message)) }
    guard let failure = end.failure else { return nil }
    let kind: PostgresError.Kind =
      switch failure {
      case .server(let error): .server(error)
      case .cancelled: .cancelled
      case .lost(let error): .connectionLost(error, message: message)
      case .timedOut(let deadline): .timeout(deadline)
      case .violation(let what): .protocolViolation(what)
      }
    return call.error(kind, outcomeUnknown: end.outcomeUnknown, statement: statement)
  }

  func error(for turn: Turn, _ call: CallSite) -> PostgresError? {
    switch turn {
    case .granted: nil
    case .cancelled: call.error(.cancelled)
    case .refusedDuringCopy: call.error(.protocolViolation("the connection is busy with a COPY"))
    case .closed: call.error(.connectionLost(nil, message: "the connection is closed"))
    }
  }
}
