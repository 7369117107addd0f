/// One statement, or one script, from its sending to ReadyForQuery.
///
/// Success is only ReadyForQuery without an error before it: an error after rows, as a deferred constraint raises at
/// commit, fails the statement.
struct QueryStateMachine: ExchangeStateMachine {
  enum Plan: Equatable {
    case prepareAndExecute
    case execute
    case script
  }

  enum Item: Equatable, Sendable {
    case prepare
    case execute
    case script
  }

  private enum State: Equatable {
    case created(Plan)
    case preparing
    case executing
    /// ReadyForQuery has come, but a cancel request is still on its way.
    case answered(ExchangeEnd)
    case ended
  }

  private var state: State
  private var progress = ExchangeProgress()

  init(_ plan: Plan) {
    state = .created(plan)
  }

  mutating func start() -> Action {
    guard case .created(let plan) = state else { forbidden("start") }
    switch plan {
    case .prepareAndExecute:
      state = .preparing
      return .send(.prepare)
    case .execute:
      state = .executing
      return .send(.execute)
    case .script:
      state = .executing
      return .send(.script)
    }
  }

  mutating func sendFailed(isBroken: Bool) -> Action {
    switch state {
    case .preparing, .executing:
      // Nothing of this message has left; a parse that came before has no effect.
      let end =
        isBroken
        ? progress.endByLoss(outcomeUnknown: false)
        : ExchangeProgress.violation("libpq refused to send", outcomeUnknown: false)
      return finish(end)
    case .created, .answered, .ended: forbidden("sendFailed")
    }
  }

  mutating func received(_ result: ResultKind) -> Action {
    switch state {
    case .preparing, .executing: break
    case .created, .answered, .ended: forbidden("received")
    }
    switch result {
    case .rows, .command: return .read
    case .serverError(let error):
      progress.note(error)
      return .read
    case .clientError:
      progress.noteClientError()
      return .read
    case .copyIn, .copyOut, .pipelineSync, .pipelineAborted:
      return finish(
        ExchangeProgress.violation("COPY needs withCopyIn or withCopyOut", outcomeUnknown: state == .executing))
    }
  }

  mutating func noMoreResults() -> Action {
    switch state {
    case .preparing:
      if progress.isFailed { return conclude(progress.end) }
      if progress.isCancelled { return conclude(ExchangeEnd(failure: .cancelled)) }
      state = .executing
      return .send(.execute)
    case .executing: return conclude(progress.end)
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
    case .preparing, .executing: return progress.askToCancel() ? .askServerToCancel : .wait
    case .answered: return .wait
    case .ended: forbidden("cancelRequested")
    }
  }

  mutating func cancelReturned() -> Action {
    switch state {
    case .preparing, .executing:
      progress.cancelReturned()
      return .read
    case .answered(let end): return finish(end)
    case .created, .ended: forbidden("cancelReturned")
    }
  }

  mutating func cancelPauseElapsed() -> Action {
    switch state {
    case .preparing, .executing: return progress.askAgain() ? .askServerToCancel : .wait
    case .answered: return .wait
    case .created, .ended: forbidden("cancelPauseElapsed")
    }
  }

  mutating func deadlinePassed() -> Action {
    switch state {
    case .preparing: return finish(progress.end(after: .statementOnClient, outcomeUnknown: false))
    case .executing: return finish(progress.end(after: .statementOnClient, outcomeUnknown: true))
    case .answered(var end):
      // The request may still reach the server and would then cancel whatever runs.
      end.mustClose = true
      return finish(end)
    case .created, .ended: forbidden("deadlinePassed")
    }
  }

  mutating func connectionLost() -> Action {
    switch state {
    case .created, .preparing: return finish(progress.endByLoss(outcomeUnknown: false))
    case .executing: return finish(progress.endByLoss(outcomeUnknown: true))
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
    preconditionFailure("a query cannot take \(event) while \(state)")
  }
}
