internal import Coordination
internal import EventSourcing
internal import Synchronization

/// The newest snapshot of a plan that readers may see, and those who wait for a newer one.
final class Published: Sendable {
  private struct State {
    var snapshot: PlanSnapshot?
    /// Set while nothing can be shown, or nothing newer can be reached.
    var trouble: Unavailability?
    var waiters: [Int: (size: LogSize, resume: CheckedContinuation<Void, Never>)] = [:]
    var waiterCount = 0
  }

  private let state = Mutex(State())

  var snapshot: PlanSnapshot? { state.withLock { $0.snapshot } }
  var trouble: Unavailability? { state.withLock { $0.trouble } }

  /// - Parameter trouble: why nothing newer will come, where that is known with the snapshot.
  func publish(_ snapshot: PlanSnapshot, despite trouble: Unavailability? = nil) {
    let ready = state.withLock { state in
      state.snapshot = snapshot
      state.trouble = trouble
      let ready = state.waiters.filter { trouble != nil || $0.value.size <= snapshot.plan.size }
      for key in ready.keys { state.waiters[key] = nil }
      return ready.values.map(\.resume)
    }
    for waiter in ready { waiter.resume() }
  }

  /// Keeps the last snapshot readable and says why nothing newer comes; nil when all is well again.
  func report(_ trouble: Unavailability?) {
    let waiting = state.withLock { state in
      state.trouble = trouble
      guard trouble != nil else { return [CheckedContinuation<Void, Never>]() }
      defer { state.waiters = [:] }
      return state.waiters.values.map(\.resume)
    }
    for waiter in waiting { waiter.resume() }
  }

  /// Waits until a snapshot of at least this size is there, trouble is reported, or the task is cancelled.
  func wait(for size: LogSize) async {
    let number = state.withLock { state in
      state.waiterCount += 1
      return state.waiterCount
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if let snapshot = state.snapshot, snapshot.plan.size >= size { return true }
          if state.trouble != nil || Task.isCancelled { return true }
          state.waiters[number] = (size, continuation)
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number)?.resume }?.resume()
    }
  }
}
