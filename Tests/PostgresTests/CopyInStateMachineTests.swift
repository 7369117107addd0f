import Testing

@testable import Postgres

@Suite
struct CopyInStateMachineTests {
  private typealias Action = CopyInStateMachine.Action
  private static let wrongStatement = ExchangeFailure.violation("the statement is not COPY … FROM STDIN")

  private static func starting() -> CopyInStateMachine {
    var machine = CopyInStateMachine()
    _ = machine.start()
    return machine
  }

  private static func writing() -> CopyInStateMachine {
    var machine = starting()
    _ = machine.received(.copyIn)
    return machine
  }

  private static func ending() -> CopyInStateMachine {
    var machine = writing()
    _ = machine.writerFinished()
    return machine
  }

  private static func failed() -> CopyInStateMachine {
    var machine = writing()
    _ = machine.writerFailed()
    return machine
  }

  private static func answered() -> CopyInStateMachine {
    var machine = ending()
    _ = machine.cancelRequested()
    _ = machine.noMoreResults()
    return machine
  }

  @Test func `a whole copy is written, ended and succeeds`() {
    var machine = CopyInStateMachine()
    #expect(machine.start() == .send(.copy))
    #expect(machine.received(.command) == .read)
    #expect(machine.received(.copyIn) == .pause)
    #expect(machine.isWriting)
    #expect(machine.writerFinished() == .send(.done))
    #expect(machine.received(.command) == .read)
    #expect(machine.noMoreResults() == .end(.success))
  }

  @Test func `bad data fails the copy at its end`() {
    var machine = Self.ending()
    _ = machine.received(.serverError(.unique))
    #expect(machine.noMoreResults() == .end(.failed(.server(.unique))))
  }

  @Test func `a writer that gives up makes the server discard everything`() {
    var machine = Self.writing()
    #expect(machine.writerFailed() == .send(.failure))
    _ = machine.received(.serverError(.cancelled))
    #expect(machine.noMoreResults() == .end(.success))
  }

  @Test func `a cancelled writer makes the server discard everything`() {
    var machine = Self.writing()
    #expect(machine.cancelRequested() == .send(.failure))
    _ = machine.received(.serverError(.cancelled))
    #expect(machine.noMoreResults() == .end(.failed(.cancelled)))
  }

  @Test func `cancelled while starting it writes nothing`() {
    var machine = Self.starting()
    #expect(machine.cancelRequested() == .askServerToCancel)
    #expect(machine.received(.copyIn) == .send(.failure))
    #expect(machine.cancelReturned() == .read)
    #expect(machine.noMoreResults() == .end(.failed(.cancelled)))
  }

  @Test(arguments: [
    (ExchangeEvent.sendFailed, Action.end(.failed(.violation("libpq refused to send"), close: true))),
    (.sendFailedOnBrokenConnection, .end(.failed(.lost(nil), close: true))),
    (.rows, .read), (.serverError, .read), (.clientError, .read), (.copyIn, .pause),
    (.copyOut, .end(.failed(wrongStatement, unknown: true, close: true))),
    (.noMoreResults, .end(.failed(wrongStatement))),
    (.cancelRequested, .askServerToCancel), (.cancelPauseElapsed, .wait),
    (.deadlinePassed, .end(.failed(.timedOut(.copyStall), close: true))),
    (.connectionLost, .end(.failed(.lost(nil), close: true))),
  ])
  private func `while starting`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.starting()
    #expect(machine.handle(event) == action)
  }

  @Test(arguments: [
    (ExchangeEvent.sendFailed, Action.end(.failed(.violation("libpq refused to send"), close: true))),
    (.sendFailedOnBrokenConnection, .end(.failed(.lost(nil), close: true))),
    (.cancelRequested, .send(.failure)),
    (.deadlinePassed, .end(.failed(.timedOut(.copyStall), close: true))),
    (.connectionLost, .end(.failed(.lost(nil), close: true))),
  ])
  private func `while writing`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.writing()
    #expect(machine.handle(event) == action)
  }

  @Test(arguments: [
    (ExchangeEvent.serverError, Action.read), (.clientError, .read), (.noMoreResults, .end(.success)),
    (.cancelRequested, .askServerToCancel), (.cancelPauseElapsed, .wait),
    (.deadlinePassed, .end(.failed(.timedOut(.copyStall), unknown: true, close: true))),
    (.connectionLost, .end(.failed(.lost(nil), unknown: true, close: true))),
  ])
  private func `while ending`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.ending()
    #expect(machine.handle(event) == action)
  }

  @Test(arguments: [
    (ExchangeEvent.serverError, Action.read), (.noMoreResults, .end(.success)), (.cancelRequested, .wait),
    (.deadlinePassed, .end(ExchangeEnd(mustClose: true))), (.connectionLost, .end(ExchangeEnd(mustClose: true))),
  ])
  private func `after its writer gave up`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.failed()
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

  @Test(arguments: [
    ExchangeEvent.rows, .serverError, .noMoreResults, .dataEnded, .cancelReturned, .cancelPauseElapsed,
  ])
  func `while writing it forbids`(_ event: ExchangeEvent) async {
    await #expect(processExitsWith: .failure) { [event] in
      var machine = CopyInStateMachine()
      _ = machine.start()
      _ = machine.received(.copyIn)
      _ = machine.handle(event)
    }
  }
}
