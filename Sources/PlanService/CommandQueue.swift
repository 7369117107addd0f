internal import DequeModule
internal import EventSourcing
internal import Synchronization

/// A request that waits for its answer. The first answer counts: a caller whose time is up is no longer there when the
/// outcome is known.
final class PendingCommand: Sendable {
  private struct State {
    var caller: CheckedContinuation<CommandAnswer, Never>?
    var isSent = false
  }

  let request: CommandRequest
  let receiptKey: ReceiptKey
  let commandHash: [UInt8]
  let deadline: ContinuousClock.Instant
  private let state: Mutex<State>

  init(
    request: CommandRequest, commandHash: [UInt8], deadline: ContinuousClock.Instant,
    caller: CheckedContinuation<CommandAnswer, Never>
  ) {
    self.request = request
    receiptKey = request.receiptKey
    self.commandHash = commandHash
    self.deadline = deadline
    state = Mutex(State(caller: caller))
  }

  var isAwaited: Bool { state.withLock { $0.caller != nil } }

  /// Notes that the store is about to get it; false when its caller has an answer already, so that it must not get it.
  func markSent() -> Bool {
    state.withLock { state in
      state.isSent = state.isSent || state.caller != nil
      return state.caller != nil
    }
  }

  /// The continuation to resume, and whether the store may have the command; nil for all but the first who ask.
  func takeCaller() -> (caller: CheckedContinuation<CommandAnswer, Never>, isSent: Bool)? {
    state.withLock { state in
      defer { state.caller = nil }
      return state.caller.map { ($0, state.isSent) }
    }
  }
}

/// The bounded queue before a plan's writer. Many put, one takes.
final class CommandQueue: Sendable {
  private struct State {
    var pending: Deque<PendingCommand> = []
    /// Everything that is not answered yet, waiting or taken, by its key.
    var unanswered: [ReceiptKey: PendingCommand] = [:]
    var mayHaveGrown = false
    /// Whether the store has a batch; the writer decides the next one meanwhile.
    var isCommitting = false
    var isClosed = false
    var writer: CheckedContinuation<Void, Never>?

    /// How many more may join a batch: half of all that is not answered, when that is more than a few. Two batches of
    /// one size, one being committed and one being decided, keep the store and the writer busy; a large and a small one
    /// would wait for each other by turns.
    func room(in countMax: Int, taken: Int) -> Int {
      let share = unanswered.count < 8 ? countMax : min(countMax, (unanswered.count + 1) / 2)
      return min(max(share - taken, 0), pending.count)
    }

    mutating func take(_ count: Int) -> [PendingCommand] {
      defer { pending.removeFirst(count) }
      return Array(pending.prefix(count))
    }

    mutating func takeWriter() -> CheckedContinuation<Void, Never>? {
      defer { writer = nil }
      return writer
    }
  }

  private static let fewMax = 2

  private let state = Mutex(State())
  private let countMax: Int

  init(countMax: Int) { self.countMax = countMax }

  var isIdle: Bool { state.withLock { $0.pending.isEmpty && $0.unanswered.isEmpty } }

  var count: Int { state.withLock { $0.pending.count } }

  /// Whether nobody waits for an answer but the callers of these commands, and they are so few that nobody else is
  /// likely to come before they have it.
  func holds(onlyFew commands: [PendingCommand]) -> Bool {
    commands.count <= Self.fewMax && state.withLock { $0.unanswered.count == commands.count }
  }

  /// Queues a request, or answers it at once when it cannot wait here.
  func put(_ command: PendingCommand) {
    enum Outcome { case queued(CheckedContinuation<Void, Never>?), rejected(CommandAnswer) }
    let outcome = state.withLock { state -> Outcome in
      guard !state.isClosed else { return .rejected(.unavailable(.shuttingDown)) }
      guard state.pending.count < countMax else { return .rejected(.unavailable(.queueFull)) }
      guard state.unanswered[command.receiptKey] == nil else { return .rejected(.keyInFlight) }
      state.unanswered[command.receiptKey] = command
      state.pending.append(command)
      return .queued(state.takeWriter())
    }
    switch outcome {
    case .queued(let writer): writer?.resume()
    case .rejected(let answer): command.takeCaller()?.caller.resume(returning: answer)
    }
  }

  /// Tells the writer that the log may have grown without it.
  func hintGrowth() {
    let writer = state.withLock { state in
      state.mayHaveGrown = true
      return state.takeWriter()
    }
    writer?.resume()
  }

  /// No more requests; those waiting are answered.
  func close() {
    let (writer, rest) = state.withLock { state in
      state.isClosed = true
      defer { state.pending = [] }
      return (state.takeWriter(), Array(state.pending))
    }
    for command in rest { answer(command, .unavailable(.shuttingDown)) }
    writer?.resume()
  }

  // MARK: Taking

  /// Waits until there is something to do; nil once closed.
  func next(countMax: Int) async -> (commands: [PendingCommand], mayHaveGrown: Bool)? {
    while true {
      let taken = state.withLock { state -> (commands: [PendingCommand], mayHaveGrown: Bool)? in
        guard !state.isClosed else { return nil }
        defer { state.mayHaveGrown = false }
        return (state.take(state.room(in: countMax, taken: 0)), state.mayHaveGrown)
      }
      guard let taken, taken.commands.isEmpty, !taken.mayHaveGrown else { return taken }
      await sleep { $0.isClosed || $0.mayHaveGrown || !$0.pending.isEmpty }
    }
  }

  /// What has arrived while a batch is being committed; waits for more, and gives nil once the commit has ended.
  /// - Parameter taken: how many of the next batch were taken before.
  func nextWhileCommitting(countMax: Int, taken: Int) async -> [PendingCommand]? {
    while true {
      let commands = state.withLock { state -> [PendingCommand]? in
        guard state.isCommitting else { return nil }
        return state.isClosed ? [] : state.take(state.room(in: countMax, taken: taken))
      }
      guard let commands, commands.isEmpty else { return commands }
      await sleep { !$0.isCommitting || !$0.isClosed && $0.room(in: countMax, taken: taken) > 0 }
    }
  }

  /// Everything that waits now; nil once closed.
  func takeAll() -> [PendingCommand]? {
    state.withLock { state in state.isClosed ? nil : state.take(state.pending.count) }
  }

  /// Suspends the writer until somebody changes the queue, unless there is reason to go on already.
  private func sleep(unless mayGoOn: @Sendable (borrowing State) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        if mayGoOn(state) { return true }
        state.writer = continuation
        return false
      }
      if isReady { continuation.resume() }
    }
  }

  // MARK: While a batch is committed

  /// From now on the store may have the commands, and `nextWhileCommitting` waits until `commitEnded` is called; false,
  /// and nothing of it, when one of them has been answered and must not be stored any more.
  func beginCommit(_ commands: [PendingCommand]) -> Bool {
    guard commands.allSatisfy({ $0.markSent() }) else { return false }
    state.withLock { $0.isCommitting = true }
    return true
  }

  func commitEnded() {
    let writer = state.withLock { state in
      state.isCommitting = false
      return state.takeWriter()
    }
    writer?.resume()
  }

  // MARK: Answering

  /// Answers a request that was taken or expired, and frees its key; nothing happens when its time was up before.
  func answer(_ command: PendingCommand, _ answer: CommandAnswer) { self.answer([(command, answer)]) }

  /// Answers many at once.
  func answer(_ answers: [(PendingCommand, CommandAnswer)]) {
    let present = answers.compactMap { command, answer in command.takeCaller().map { (command, $0.caller, answer) } }
    state.withLock { state in
      for (command, _, _) in present { state.unanswered[command.receiptKey] = nil }
    }
    for (_, caller, answer) in present { caller.resume(returning: answer) }
  }

  /// Answers those whose time is up: of what was not sent nothing is written, not later either; of what was sent it is
  /// not known yet.
  func expire(at now: ContinuousClock.Instant) {
    let overdue = state.withLock { state in
      let overdue = state.unanswered.values.filter { $0.deadline <= now }
      if !overdue.isEmpty { state.pending.removeAll { $0.deadline <= now } }
      return overdue
    }
    for command in overdue {
      guard let (caller, isSent) = command.takeCaller() else { continue }
      state.withLock { state in state.unanswered[command.receiptKey] = nil }
      caller.resume(returning: .unavailable(isSent ? .outcomeUnknown : .storeUnavailable))
    }
  }
}
