/// COPY … FROM STDIN, from its sending to ReadyForQuery.
///
/// The copy takes effect only if the writer ends it; a writer that fails or is cancelled makes the server discard it.
struct CopyInStateMachine: ExchangeStateMachine {
  enum Item: Equatable, Sendable {
    case copy
    case done
    /// Makes the server discard everything; its report is then expected.
    case failure
  }

  private enum State: Equatable {
    case created
    case starting
    case writing
    /// The end has been sent, the results have not all come.
    case ending
    case discarding(Reason)
    case answered(ExchangeEnd)
    case ended
  }

  enum Reason: Equatable {
    /// The writer threw; its own error is the one that counts.
    case failed
    case cancelled
  }

  private var state = State.created
  private var progress = ExchangeProgress()

  /// Whether data may be written.
  var isWriting: Bool { state == .writing }

  mutating func start() -> Action {
    guard state == .created else { forbidden("start") }
    state = .starting
    return .send(.copy)
  }

  mutating func sendFailed(isBroken: Bool) -> Action {
    switch state {
    case .starting, .writing, .ending, .discarding:
      return finish(
        isBroken
          ? progress.endByLoss(outcomeUnknown: false)
          : ExchangeProgress.violation("libpq refused to send", outcomeUnknown: false))
    case .created, .answered, .ended: forbidden("sendFailed")
    }
  }

  mutating func received(_ result: ResultKind) -> Action {
    switch (state, result) {
    case (.starting, .copyIn):
      if progress.isCancelled {
        state = .discarding(.cancelled)
        return .send(.failure)
      }
      state = .writing
      return .pause
    case (.starting, .rows), (.starting, .command), (.ending, .command), (.discarding, .command): return .read
    case (.starting, .serverError(let error)), (.ending, .serverError(let error)),
      (.discarding, .serverError(let error)):
      progress.note(error)
      return .read
    case (.starting, .clientError), (.ending, .clientError), (.discarding, .clientError):
      progress.noteClientError()
      return .read
    case (.starting, _), (.ending, _), (.discarding, _):
      return finish(ExchangeProgress.violation("the statement is not COPY … FROM STDIN", outcomeUnknown: true))
    case (.created, _), (.writing, _), (.answered, _), (.ended, _): forbidden("received")
    }
  }

  mutating func noMoreResults() -> Action {
    switch state {
    case .starting:
      guard !progress.isFailed else { return conclude(progress.end) }
      return conclude(ExchangeEnd(failure: .violation("the statement is not COPY … FROM STDIN")))
    case .ending: return conclude(progress.end)
    case .discarding(let reason):
      let isUsable = !progress.isClientError
      return conclude(ExchangeEnd(failure: reason == .cancelled ? .cancelled : nil, mustClose: !isUsable))
    case .answered: return .wait
    case .created, .writing, .ended: forbidden("noMoreResults")
    }
  }

  mutating func dataEnded() -> Action {
    forbidden("dataEnded")
  }

  /// The writer has written everything.
  mutating func writerFinished() -> Action {
    guard state == .writing else { forbidden("writerFinished") }
    state = .ending
    return .send(.done)
  }

  /// The writer gave up.
  mutating func writerFailed() -> Action {
    guard state == .writing else { forbidden("writerFailed") }
    state = .discarding(.failed)
    return .send(.failure)
  }

  mutating func cancelRequested() -> Action {
    switch state {
    case .created: return finish(ExchangeEnd(failure: .cancelled))
    case .starting, .ending: return progress.askToCancel() ? .askServerToCancel : .wait
    case .writing:
      state = .discarding(.cancelled)
      return .send(.failure)
    case .discarding, .answered: return .wait
    case .ended: forbidden("cancelRequested")
    }
  }

  mutating func cancelReturned() -> Action {
    switch state {
    case .starting, .ending, .discarding:
      progress.cancelReturned()
      return .read
    case .answered(let end): return finish(end)
    case .created, .writing, .ended: forbidden("cancelReturned")
    }
  }

  mutating func cancelPauseElapsed() -> Action {
    switch state {
    case .starting, .ending, .discarding: return progress.askAgain() ? .askServerToCancel : .wait
    case .answered: return .wait
    case .created, .writing, .ended: forbidden("cancelPauseElapsed")
    }
  }

  mutating func deadlinePassed() -> Action {
    switch state {
    case .starting, .writing: return finish(progress.end(after: .copyStall, outcomeUnknown: false))
    case .ending: return finish(progress.end(after: .copyStall, outcomeUnknown: true))
    case .discarding(let reason):
      return finish(ExchangeEnd(failure: reason == .cancelled ? .cancelled : nil, mustClose: true))
    case .answered(var end):
      end.mustClose = true
      return finish(end)
    case .created, .ended: forbidden("deadlinePassed")
    }
  }

  mutating func connectionLost() -> Action {
    switch state {
    case .created, .starting, .writing: return finish(progress.endByLoss(outcomeUnknown: false))
    case .ending: return finish(progress.endByLoss(outcomeUnknown: true))
    case .discarding(let reason):
      return finish(ExchangeEnd(failure: reason == .cancelled ? .cancelled : nil, mustClose: true))
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
    preconditionFailure("a copy in cannot take \(event) while \(state)")
  }
}
