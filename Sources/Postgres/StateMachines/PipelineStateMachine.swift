/// Several statements sent together, answered in order, with one synchronisation at the end.
///
/// The first statement that fails aborts all after it; the error belongs to that statement.
struct PipelineStateMachine: ExchangeStateMachine {
  enum Item: Equatable, Sendable {
    /// All steps in order, then the synchronisation.
    case everything
  }

  enum Step: Equatable {
    case prepare(statement: Int)
    case execute(statement: Int)

    var statement: Int {
      switch self {
      case .prepare(let statement), .execute(let statement): statement
      }
    }
  }

  private enum State: Equatable {
    case created
    /// The results that come next belong to this step; past the last one only the synchronisation is missing.
    case running(step: Int)
    case answered(ExchangeEnd)
    case ended
  }

  let steps: [Step]
  /// The statement that failed, once there is one.
  private(set) var failedStatement: Int?
  private var state = State.created
  private var progress = ExchangeProgress()

  /// For each statement whether it must be prepared first.
  init(mustPrepare: [Bool]) {
    steps = mustPrepare.enumerated().flatMap { index, mustPrepare in
      mustPrepare ? [Step.prepare(statement: index), .execute(statement: index)] : [.execute(statement: index)]
    }
  }

  /// The step the next result belongs to.
  var currentStep: Step? {
    guard case .running(let step) = state, step < steps.count else { return nil }
    return steps[step]
  }

  mutating func start() -> Action {
    guard state == .created else { forbidden("start") }
    state = .running(step: 0)
    return .send(.everything)
  }

  mutating func sendFailed(isBroken: Bool) -> Action {
    guard case .running = state else { forbidden("sendFailed") }
    // Earlier statements of the pipeline may have left already; without the synchronisation none of them commits.
    return finish(
      isBroken
        ? progress.endByLoss(outcomeUnknown: false)
        : ExchangeProgress.violation("libpq refused to send", outcomeUnknown: false))
  }

  mutating func received(_ result: ResultKind) -> Action {
    guard case .running = state else { forbidden("received") }
    switch result {
    case .rows, .command, .pipelineAborted: return .read
    case .serverError(let error):
      if failedStatement == nil { failedStatement = currentStep?.statement }
      progress.note(error)
      return .read
    case .clientError:
      progress.noteClientError()
      return .read
    case .pipelineSync: return conclude(progress.end)
    case .copyIn, .copyOut:
      return finish(ExchangeProgress.violation("COPY is impossible in a pipeline", outcomeUnknown: true))
    }
  }

  mutating func noMoreResults() -> Action {
    switch state {
    case .running(let step):
      guard step < steps.count else { return .wait }
      state = .running(step: step + 1)
      return .read
    case .answered: return .wait
    case .created, .ended: forbidden("noMoreResults")
    }
  }

  mutating func dataEnded() -> Action {
    forbidden("dataEnded")
  }

  mutating func cancelRequested() -> Action {
    switch state {
    case .created: return finish(ExchangeEnd(failure: .cancelled))
    case .running: return progress.askToCancel() ? .askServerToCancel : .wait
    case .answered: return .wait
    case .ended: forbidden("cancelRequested")
    }
  }

  mutating func cancelReturned() -> Action {
    switch state {
    case .running:
      progress.cancelReturned()
      return .read
    case .answered(let end): return finish(end)
    case .created, .ended: forbidden("cancelReturned")
    }
  }

  mutating func cancelPauseElapsed() -> Action {
    switch state {
    case .running: return progress.askAgain() ? .askServerToCancel : .wait
    case .answered: return .wait
    case .created, .ended: forbidden("cancelPauseElapsed")
    }
  }

  mutating func deadlinePassed() -> Action {
    switch state {
    case .running: return finish(progress.end(after: .statementOnClient, outcomeUnknown: true))
    case .answered(var end):
      end.mustClose = true
      return finish(end)
    case .created, .ended: forbidden("deadlinePassed")
    }
  }

  mutating func connectionLost() -> Action {
    switch state {
    case .created: return finish(progress.endByLoss(outcomeUnknown: false))
    case .running: return finish(progress.endByLoss(outcomeUnknown: true))
    case .answered(var end):
      end.mustClose = true
      return finish(end)
    case .ended: forbidden("connectionLost")
    }
  }

  private mutating func conclude(_ end: ExchangeEnd) -> Action {
    guard progress.cancel == .asked else { return finish(end) }
    state = .answered(end)
    return .wait
  }

  private mutating func finish(_ end: ExchangeEnd) -> Action {
    state = .ended
    return .end(end)
  }

  private func forbidden(_ event: String) -> Never {
    preconditionFailure("a pipeline cannot take \(event) while \(state)")
  }
}
