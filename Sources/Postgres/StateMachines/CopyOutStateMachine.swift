/// COPY … TO STDOUT, from its sending to ReadyForQuery.
///
/// While streaming, data is read only on demand. A consumer that leaves early makes the server cancel; what it has sent
/// by then is dropped and the connection can be reused.
struct CopyOutStateMachine: ExchangeStateMachine {
  enum Item: Equatable, Sendable {
    case copy
  }

  private enum State: Equatable {
    case created
    case starting
    case streaming
    /// The data has ended, the results that say how have not all come.
    case ending
    /// The consumer left or was cancelled; the rest is dropped.
    case discarding(Reason)
    case answered(ExchangeEnd)
    case ended
  }

  enum Reason: Equatable {
    case left
    case cancelled
  }

  private var state = State.created
  private var progress = ExchangeProgress()

  /// Whether data may be asked for.
  var isStreaming: Bool { state == .streaming }

  mutating func start() -> Action {
    guard state == .created else { forbidden("start") }
    state = .starting
    return .send(.copy)
  }

  mutating func sendFailed(isBroken: Bool) -> Action {
    guard state == .starting else { forbidden("sendFailed") }
    return finish(
      isBroken
        ? progress.endByLoss(outcomeUnknown: false)
        : ExchangeProgress.violation("libpq refused to send", outcomeUnknown: false))
  }

  mutating func received(_ result: ResultKind) -> Action {
    switch (state, result) {
    case (.starting, .copyOut):
      if progress.isCancelled {
        state = .discarding(.cancelled)
        return .discardCopyData
      }
      state = .streaming
      return .pause
    case (.discarding, .copyOut): return .discardCopyData
    case (.starting, .rows), (.starting, .command), (.ending, .command), (.discarding, .command): return .read
    case (.starting, .serverError(let error)), (.ending, .serverError(let error)),
      (.discarding, .serverError(let error)):
      progress.note(error)
      return .read
    case (.starting, .clientError), (.ending, .clientError), (.discarding, .clientError):
      progress.noteClientError()
      return .read
    case (.starting, _), (.ending, _), (.discarding, _):
      return finish(ExchangeProgress.violation("the statement is not COPY … TO STDOUT", outcomeUnknown: true))
    case (.created, _), (.streaming, _), (.answered, _), (.ended, _): forbidden("received")
    }
  }

  mutating func noMoreResults() -> Action {
    switch state {
    case .starting:
      guard !progress.isFailed else { return conclude(progress.end) }
      return conclude(ExchangeEnd(failure: .violation("the statement is not COPY … TO STDOUT")))
    case .ending: return conclude(progress.end)
    case .discarding(let reason):
      // Whatever the server says about a copy nobody wants any more changes nothing.
      let isUsable = !progress.isClientError
      return conclude(ExchangeEnd(failure: reason == .cancelled ? .cancelled : nil, mustClose: !isUsable))
    case .answered: return .wait
    case .created, .streaming, .ended: forbidden("noMoreResults")
    }
  }

  mutating func dataEnded() -> Action {
    switch state {
    case .streaming:
      state = .ending
      return .read
    case .discarding: return .read
    case .created, .starting, .ending, .answered, .ended: forbidden("dataEnded")
    }
  }

  /// The consumer wants no more.
  mutating func consumerLeft() -> Action {
    switch state {
    case .streaming:
      state = .discarding(.left)
      return progress.askToCancel() ? .askServerToCancel : .discardCopyData
    case .created, .starting, .ending, .discarding, .answered, .ended: forbidden("consumerLeft")
    }
  }

  mutating func cancelRequested() -> Action {
    switch state {
    case .created: return finish(ExchangeEnd(failure: .cancelled))
    case .starting, .ending: return progress.askToCancel() ? .askServerToCancel : .wait
    case .streaming:
      state = .discarding(.cancelled)
      return progress.askToCancel() ? .askServerToCancel : .discardCopyData
    case .discarding, .answered: return .wait
    case .ended: forbidden("cancelRequested")
    }
  }

  mutating func cancelReturned() -> Action {
    switch state {
    case .starting, .ending:
      progress.cancelReturned()
      return .read
    case .discarding:
      progress.cancelReturned()
      return .discardCopyData
    case .answered(let end): return finish(end)
    case .created, .streaming, .ended: forbidden("cancelReturned")
    }
  }

  mutating func cancelPauseElapsed() -> Action {
    switch state {
    case .starting, .ending, .discarding: return progress.askAgain() ? .askServerToCancel : .wait
    case .answered: return .wait
    case .created, .streaming, .ended: forbidden("cancelPauseElapsed")
    }
  }

  mutating func deadlinePassed() -> Action {
    switch state {
    case .starting, .streaming, .ending: return finish(progress.end(after: .copyStall, outcomeUnknown: false))
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
    case .created, .starting, .streaming, .ending: return finish(progress.endByLoss(outcomeUnknown: false))
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
    preconditionFailure("a copy out cannot take \(event) while \(state)")
  }
}
