internal import DequeModule
internal import Synchronization

/// Lets so many work at a time; others wait in the order in which they came.
final class Turns: Sendable {
  private struct State {
    var free: Int
    var waiting: Deque<(number: Int, resume: CheckedContinuation<Bool, Never>)> = []
    var count = 0
  }

  private let state: Mutex<State>

  init(countMax: Int) { state = Mutex(State(free: countMax)) }

  /// - Throws: `CancellationError` when the task is cancelled while it waits.
  func withTurn<Result>(_ body: () async throws -> Result) async throws -> Result {
    guard await begin() else { throw CancellationError() }
    defer { end() }
    return try await body()
  }

  private func begin() async -> Bool {
    let number = state.withLock { state in
      state.count += 1
      return state.count
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer = state.withLock { state -> Bool? in
          if Task.isCancelled { return false }
          if state.free > 0 {
            state.free -= 1
            return true
          }
          state.waiting.append((number, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
      }
      waiting?.resume.resume(returning: false)
    }
  }

  private func end() {
    let next = state.withLock { state in
      let next = state.waiting.popFirst()
      if next == nil { state.free += 1 }
      return next
    }
    next?.resume.resume(returning: true)
  }
}
