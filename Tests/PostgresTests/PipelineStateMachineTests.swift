import Testing

@testable import Postgres

@Suite
struct PipelineStateMachineTests {
  private typealias Action = PipelineStateMachine.Action

  /// Two statements, the first still to be prepared.
  private static func running() -> PipelineStateMachine {
    var machine = PipelineStateMachine(mustPrepare: [true, false])
    _ = machine.start()
    return machine
  }

  private static func answered() -> PipelineStateMachine {
    var machine = running()
    _ = machine.cancelRequested()
    _ = machine.received(.pipelineSync)
    return machine
  }

  @Test func `it knows whose result comes next`() {
    var machine = Self.running()
    #expect(machine.steps == [.prepare(statement: 0), .execute(statement: 0), .execute(statement: 1)])
    for step in machine.steps {
      #expect(machine.currentStep == step)
      #expect(machine.received(.command) == .read)
      #expect(machine.noMoreResults() == .read)
    }
    #expect(machine.currentStep == nil)
    #expect(machine.noMoreResults() == .wait)
    #expect(machine.received(.pipelineSync) == .end(.success))
  }

  @Test func `the statement that failed is the one whose error came first`() {
    var machine = Self.running()
    _ = machine.received(.command)
    _ = machine.noMoreResults()
    _ = machine.received(.serverError(.unique))
    _ = machine.noMoreResults()
    #expect(machine.received(.pipelineAborted) == .read)
    _ = machine.noMoreResults()
    #expect(machine.received(.pipelineSync) == .end(.failed(.server(.unique))))
    #expect(machine.failedStatement == 0)
  }

  @Test func `an error of the synchronisation, as at commit, belongs to no statement`() {
    var machine = Self.running()
    for _ in machine.steps { _ = machine.noMoreResults() }
    _ = machine.received(.serverError(.unique))
    #expect(machine.received(.pipelineSync) == .end(.failed(.server(.unique))))
    #expect(machine.failedStatement == nil)
  }

  @Test(arguments: [
    (ExchangeEvent.sendFailed, Action.end(.failed(.violation("libpq refused to send"), close: true))),
    (.sendFailedOnBrokenConnection, .end(.failed(.lost(nil), close: true))),
    (.rows, .read), (.serverError, .read), (.clientError, .read), (.pipelineAborted, .read), (.noMoreResults, .read),
    (.copyOut, .end(.failed(.violation("COPY is impossible in a pipeline"), unknown: true, close: true))),
    (.copyIn, .end(.failed(.violation("COPY is impossible in a pipeline"), unknown: true, close: true))),
    (.pipelineSync, .end(.success)),
    (.cancelRequested, .askServerToCancel), (.cancelPauseElapsed, .wait),
    (.deadlinePassed, .end(.failed(.timedOut(.statementOnClient), unknown: true, close: true))),
    (.connectionLost, .end(.failed(.lost(nil), unknown: true, close: true))),
  ])
  private func `while running`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.running()
    #expect(machine.handle(event) == action)
  }

  @Test(arguments: [
    (ExchangeEvent.noMoreResults, Action.wait), (.cancelRequested, .wait), (.cancelPauseElapsed, .wait),
    (.cancelReturned, .end(.failed(.cancelled, unknown: true))),
    (.deadlinePassed, .end(.failed(.cancelled, unknown: true, close: true))),
    (.connectionLost, .end(.failed(.cancelled, unknown: true, close: true))),
  ])
  private func `answered with a cancel request on its way`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.answered()
    #expect(machine.handle(event) == action)
  }

  @Test func `a cancelled pipeline ends as cancelled, and a repeated request helps one that came too early`() {
    var machine = Self.running()
    _ = machine.cancelRequested()
    #expect(machine.cancelReturned() == .read)
    #expect(machine.cancelPauseElapsed() == .askServerToCancel)
    #expect(machine.cancelReturned() == .read)
    _ = machine.received(.serverError(.cancelled))
    #expect(machine.received(.pipelineSync) == .end(.failed(.cancelled)))
  }

  @Test func `before its start it ends with nothing sent`() {
    var machine = PipelineStateMachine(mustPrepare: [false])
    #expect(machine.cancelRequested() == .end(.failed(.cancelled)))
    machine = PipelineStateMachine(mustPrepare: [false])
    #expect(machine.connectionLost() == .end(.failed(.lost(nil), close: true)))
  }

  @Test(arguments: [
    ExchangeEvent.sendFailed, .rows, .noMoreResults, .dataEnded, .cancelReturned, .cancelPauseElapsed, .deadlinePassed,
  ])
  func `before its start it forbids`(_ event: ExchangeEvent) async {
    await #expect(processExitsWith: .failure) { [event] in
      var machine = PipelineStateMachine(mustPrepare: [false])
      _ = machine.handle(event)
    }
  }
}
