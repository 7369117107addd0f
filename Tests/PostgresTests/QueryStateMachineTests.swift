import Testing

@testable import Postgres

@Suite
struct QueryStateMachineTests {
  private typealias Action = QueryStateMachine.Action

  private static func preparing() -> QueryStateMachine {
    var machine = QueryStateMachine(.prepareAndExecute)
    _ = machine.start()
    return machine
  }

  private static func executing(_ plan: QueryStateMachine.Plan = .execute) -> QueryStateMachine {
    var machine = QueryStateMachine(plan)
    _ = machine.start()
    return machine
  }

  /// ReadyForQuery has come, a cancel request is on its way.
  private static func answered() -> QueryStateMachine {
    var machine = executing()
    _ = machine.cancelRequested()
    _ = machine.noMoreResults()
    return machine
  }

  private static func ended() -> QueryStateMachine {
    var machine = executing()
    _ = machine.noMoreResults()
    return machine
  }

  // MARK: created

  @Test func `it sends what its plan says`() {
    var machine = QueryStateMachine(.prepareAndExecute)
    #expect(machine.start() == .send(.prepare))
    machine = QueryStateMachine(.execute)
    #expect(machine.start() == .send(.execute))
    machine = QueryStateMachine(.script)
    #expect(machine.start() == .send(.script))
  }

  @Test func `cancelled before its start it ends without sending`() {
    var machine = QueryStateMachine(.execute)
    #expect(machine.cancelRequested() == .end(.failed(.cancelled)))
  }

  @Test func `a connection lost before its start took nothing with it`() {
    var machine = QueryStateMachine(.execute)
    #expect(machine.connectionLost() == .end(.failed(.lost(nil), close: true)))
  }

  // MARK: preparing

  @Test(arguments: [
    (ExchangeEvent.sendFailed, Action.end(.failed(.violation("libpq refused to send"), close: true))),
    (.sendFailedOnBrokenConnection, .end(.failed(.lost(nil), close: true))),
    (.rows, .read), (.serverError, .read), (.clientError, .read),
    (.copyOut, .end(.failed(.violation("COPY needs withCopyIn or withCopyOut"), close: true))),
    (.copyIn, .end(.failed(.violation("COPY needs withCopyIn or withCopyOut"), close: true))),
    (.noMoreResults, .send(.execute)),
    (.cancelRequested, .askServerToCancel),
    (.cancelPauseElapsed, .wait),
    (.deadlinePassed, .end(.failed(.timedOut(.statementOnClient), close: true))),
    (.connectionLost, .end(.failed(.lost(nil), close: true))),
  ])
  private func `while preparing`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.preparing()
    #expect(machine.handle(event) == action)
  }

  @Test func `a statement that cannot be prepared is not executed`() {
    var machine = Self.preparing()
    _ = machine.received(.serverError(.unique))
    #expect(machine.noMoreResults() == .end(.failed(.server(.unique))))
  }

  @Test func `cancelled while preparing it is never executed`() {
    var machine = Self.preparing()
    #expect(machine.cancelRequested() == .askServerToCancel)
    #expect(machine.cancelReturned() == .read)
    #expect(machine.received(.command) == .read)
    #expect(machine.noMoreResults() == .end(.failed(.cancelled)))
  }

  // MARK: executing

  @Test(arguments: [
    (ExchangeEvent.sendFailed, Action.end(.failed(.violation("libpq refused to send"), close: true))),
    (.sendFailedOnBrokenConnection, .end(.failed(.lost(nil), close: true))),
    (.rows, .read), (.serverError, .read), (.clientError, .read),
    (.copyOut, .end(.failed(.violation("COPY needs withCopyIn or withCopyOut"), unknown: true, close: true))),
    (.copyIn, .end(.failed(.violation("COPY needs withCopyIn or withCopyOut"), unknown: true, close: true))),
    (.noMoreResults, .end(.success)),
    (.cancelRequested, .askServerToCancel),
    (.cancelPauseElapsed, .wait),
    (.deadlinePassed, .end(.failed(.timedOut(.statementOnClient), unknown: true, close: true))),
    (.connectionLost, .end(.failed(.lost(nil), unknown: true, close: true))),
  ])
  private func `while executing`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.executing()
    #expect(machine.handle(event) == action)
  }

  @Test func `an error after rows fails the statement`() {
    var machine = Self.executing()
    #expect(machine.received(.rows) == .read)
    #expect(machine.received(.serverError(.unique)) == .read)
    #expect(machine.noMoreResults() == .end(.failed(.server(.unique))))
  }

  @Test func `the first of several errors counts`() {
    var machine = Self.executing(.script)
    _ = machine.received(.serverError(.unique))
    _ = machine.received(.serverError(PostgresServerError("25P02")))
    #expect(machine.noMoreResults() == .end(.failed(.server(.unique))))
  }

  @Test func `a FATAL report and the end of the connection are a loss with that report`() {
    var machine = Self.executing()
    _ = machine.received(.serverError(.fatal))
    _ = machine.received(.clientError("server closed the connection unexpectedly"))
    #expect(machine.connectionLost() == .end(.failed(.lost(.fatal), unknown: true, close: true)))
  }

  @Test func `an answer libpq cannot take is a loss, not a success`() {
    var machine = Self.executing()
    _ = machine.received(.clientError("out of memory"))
    #expect(machine.noMoreResults() == .end(.failed(.lost(nil), unknown: true, close: true)))
  }

  @Test func `57014 without a request of ours is a timeout`() {
    var machine = Self.executing()
    _ = machine.received(.serverError(.cancelled))
    #expect(machine.noMoreResults() == .end(.failed(.timedOut(.statementOnServer))))
  }

  // MARK: cancelling

  @Test func `57014 after a request of ours is the cancellation`() {
    var machine = Self.executing()
    _ = machine.cancelRequested()
    #expect(machine.cancelReturned() == .read)
    _ = machine.received(.serverError(.cancelled))
    #expect(machine.noMoreResults() == .end(.failed(.cancelled)))
  }

  @Test func `a success after a request to cancel is not acknowledged`() {
    var machine = Self.executing()
    _ = machine.cancelRequested()
    _ = machine.cancelReturned()
    _ = machine.received(.rows)
    #expect(machine.noMoreResults() == .end(.failed(.cancelled, unknown: true)))
  }

  @Test func `one that failed for its own reason keeps that reason`() {
    var machine = Self.executing()
    _ = machine.cancelRequested()
    _ = machine.cancelReturned()
    _ = machine.received(.serverError(.unique))
    #expect(machine.noMoreResults() == .end(.failed(.server(.unique))))
  }

  @Test func `a second request is not sent while the first is on its way`() {
    var machine = Self.executing()
    #expect(machine.cancelRequested() == .askServerToCancel)
    #expect(machine.cancelRequested() == .wait)
    #expect(machine.cancelPauseElapsed() == .wait)
  }

  @Test func `a request that did not help is repeated`() {
    var machine = Self.executing()
    _ = machine.cancelRequested()
    _ = machine.cancelReturned()
    #expect(machine.cancelPauseElapsed() == .askServerToCancel)
    #expect(machine.cancelPauseElapsed() == .wait)
  }

  @Test func `a cancelled statement that never ends is given up with unknown outcome`() {
    var machine = Self.executing()
    _ = machine.cancelRequested()
    #expect(machine.deadlinePassed() == .end(.failed(.cancelled, unknown: true, close: true)))
  }

  // MARK: answered

  @Test(arguments: [
    (ExchangeEvent.noMoreResults, Action.wait), (.cancelRequested, .wait), (.cancelPauseElapsed, .wait),
    (.cancelReturned, .end(.failed(.cancelled, unknown: true))),
    (.deadlinePassed, .end(.failed(.cancelled, unknown: true, close: true))),
    (.connectionLost, .end(.failed(.cancelled, unknown: true, close: true))),
  ])
  private func `answered with a request on its way`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.answered()
    #expect(machine.handle(event) == action)
  }

  // MARK: forbidden

  @Test(arguments: [
    ExchangeEvent.sendFailed, .rows, .noMoreResults, .dataEnded, .cancelReturned, .cancelPauseElapsed, .deadlinePassed,
  ])
  func `before its start it forbids`(_ event: ExchangeEvent) async {
    await #expect(processExitsWith: .failure) { [event] in
      var machine = QueryStateMachine(.execute)
      _ = machine.handle(event)
    }
  }
}
