internal import DequeModule
internal import Synchronization

/// Too many wait for their turn already.
public struct NoTurnLeft: Error {}

/// Lets so many work at a time; others, up to a number, wait in the order in which they came.
public final class Turns: Sendable {
  private enum Answer { case begin, cancelled, full }

  private struct State {
    var free: Int
    var waiting: Deque<(number: Int, resume: CheckedContinuation<Answer, Never>)> = []
    var count = 0
  }

  private let state: Mutex<State>
  private let waitingMax: Int

  /// - Parameters:
  ///   - countMax: how many may work at a time.
  ///   - waitingMax: how many may wait; the next one is refused.
  public init(countMax: Int, waitingMax: Int) {
    state = Mutex(State(free: countMax))
    self.waitingMax = waitingMax
  }

  /// Runs the body when it is the caller's turn, which ends with it.
  /// - Throws: what the body throws; `NoTurnLeft` at once when too many wait; `CancellationError` when the task is
  ///   cancelled while it waits.
  public func withTurn<Result>(_ body: () async throws -> Result) async throws -> Result {
    switch await begin() {
    case .begin: break
    case .cancelled: throw CancellationError()
    case .full: throw NoTurnLeft()
    }
    defer { end() }
    return try await body()
  }

  private func begin() async -> Answer {
    let number = state.withLock { state in
      state.count += 1
      return state.count
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer = state.withLock { state -> Answer? in
          if Task.isCancelled { return .cancelled }
          if state.free > 0 {
            state.free -= 1
            return .begin
          }
          if state.waiting.count >= waitingMax { return .full }
          state.waiting.append((number, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
      }
      waiting?.resume.resume(returning: .cancelled)
    }
  }

  private func end() {
    let next = state.withLock { state in
      let next = state.waiting.popFirst()
      if next == nil { state.free += 1 }
      return next
    }
    next?.resume.resume(returning: .begin)
  }
}
