internal import DequeModule
internal import EventSourcing
internal import Synchronization

/// A request that waits for its answer.
struct PendingCommand: Sendable {
  let request: CommandRequest
  let commandHash: [UInt8]
  let deadline: ContinuousClock.Instant
  let caller: Caller
}

/// Somebody who waits. The first answer counts: one whose time is up is no longer there when the outcome is known.
final class Caller: Sendable {
  private let continuation: Mutex<CheckedContinuation<CommandAnswer, Never>?>

  init(_ continuation: CheckedContinuation<CommandAnswer, Never>) { self.continuation = Mutex(continuation) }

  /// The continuation to resume; nil for all but the first who ask.
  func take() -> CheckedContinuation<CommandAnswer, Never>? {
    continuation.withLock { known in
      defer { known = nil }
      return known
    }
  }
}

/// The bounded queue in front of a plan's writer: many callers put, one writer takes.
final class CommandQueue: Sendable {
  private struct State {
    var pending: Deque<PendingCommand> = []
    /// What the writer took last; it takes more only when all of these are answered.
    var taken: [PendingCommand] = []
    var keysInFlight: Set<ReceiptKey> = []
    var mayHaveGrown = false
    var isClosed = false
    var writer: CheckedContinuation<Void, Never>?

    mutating func takeWriter() -> CheckedContinuation<Void, Never>? {
      defer { writer = nil }
      return writer
    }
  }

  private let state = Mutex(State())
  private let countMax: Int

  init(countMax: Int) { self.countMax = countMax }

  var isIdle: Bool { state.withLock { $0.pending.isEmpty && $0.keysInFlight.isEmpty } }

  var count: Int { state.withLock { $0.pending.count } }

  /// Queues a request or answers it at once; the caller's continuation is resumed exactly once.
  func put(_ command: PendingCommand) {
    enum Outcome { case queued(CheckedContinuation<Void, Never>?), rejected(CommandAnswer) }
    let outcome = state.withLock { state -> Outcome in
      guard !state.isClosed else { return .rejected(.unavailable(.shuttingDown)) }
      guard state.pending.count < countMax else { return .rejected(.unavailable(.queueFull)) }
      guard state.keysInFlight.insert(command.request.receiptKey).inserted else { return .rejected(.keyInFlight) }
      state.pending.append(command)
      return .queued(state.takeWriter())
    }
    switch outcome {
    case .queued(let writer): writer?.resume()
    case .rejected(let answer): command.caller.take()?.resume(returning: answer)
    }
  }

  /// Tells the writer to look for events of other servers.
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

  /// Waits until there is something to do; nil once closed.
  func next(countMax: Int) async -> (commands: [PendingCommand], mayHaveGrown: Bool)? {
    while true {
      let taken = take(countMax: countMax)
      if let taken, taken.commands.isEmpty, !taken.mayHaveGrown {
        await withCheckedContinuation { continuation in
          let hasWork = state.withLock { state in
            guard state.pending.isEmpty, !state.mayHaveGrown, !state.isClosed else { return true }
            state.writer = continuation
            return false
          }
          if hasWork { continuation.resume() }
        }
        continue
      }
      return taken
    }
  }

  /// What waits now, without waiting for more.
  func take(countMax: Int) -> (commands: [PendingCommand], mayHaveGrown: Bool)? {
    state.withLock { state in
      guard !state.isClosed else { return nil }
      let count = min(countMax, state.pending.count)
      let commands = Array(state.pending.prefix(count))
      state.pending.removeFirst(count)
      if count > 0 { state.taken = commands }
      defer { state.mayHaveGrown = false }
      return (commands, state.mayHaveGrown)
    }
  }

  /// Answers a request that was taken or expired, and frees its key; nothing happens when its time was up before.
  func answer(_ command: PendingCommand, _ answer: CommandAnswer) {
    guard let continuation = command.caller.take() else { return }
    state.withLock { state in _ = state.keysInFlight.remove(command.request.receiptKey) }
    continuation.resume(returning: answer)
  }

  /// Answers those whose time is up: of who still waits nothing was written; of who was taken that is not known yet.
  func expire(at now: ContinuousClock.Instant) {
    let (waiting, taken) = state.withLock { state in
      let waiting = state.pending.filter { $0.deadline <= now }
      if !waiting.isEmpty { state.pending.removeAll { $0.deadline <= now } }
      return (waiting, state.taken.filter { $0.deadline <= now })
    }
    for command in waiting { answer(command, .unavailable(.storeUnavailable)) }
    for command in taken { answer(command, .unavailable(.outcomeUnknown)) }
  }
}
