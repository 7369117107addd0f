import Testing

@testable import Postgres

@Suite
struct CopyOutStateMachineTests {
  private typealias Action = CopyOutStateMachine.Action
  private static let wrongStatement = ExchangeFailure.violation("the statement is not COPY … TO STDOUT")

  private static func starting() -> CopyOutStateMachine {
    var machine = CopyOutStateMachine()
    _ = machine.start()
    return machine
  }

  private static func streaming() -> CopyOutStateMachine {
    var machine = starting()
    _ = machine.received(.copyOut)
    return machine
  }

  private static func ending() -> CopyOutStateMachine {
    var machine = streaming()
    _ = machine.dataEnded()
    return machine
  }

  private static func left() -> CopyOutStateMachine {
    var machine = streaming()
    _ = machine.consumerLeft()
    return machine
  }

  private static func cancelled() -> CopyOutStateMachine {
    var machine = streaming()
    _ = machine.cancelRequested()
    return machine
  }

  private static func answered() -> CopyOutStateMachine {
    var machine = left()
    _ = machine.noMoreResults()
    return machine
  }

  @Test func `a whole copy streams, ends and succeeds`() {
    var machine = CopyOutStateMachine()
    #expect(machine.start() == .send(.copy))
    // The SET before it.
    #expect(machine.received(.command) == .read)
    #expect(machine.received(.copyOut) == .pause)
    #expect(machine.isStreaming)
    #expect(machine.dataEnded() == .read)
    #expect(!machine.isStreaming)
    #expect(machine.received(.command) == .read)
    #expect(machine.noMoreResults() == .end(.success))
  }

  @Test func `an error that ends the data fails the copy`() {
    var machine = Self.ending()
    _ = machine.received(.serverError(.unique))
    #expect(machine.noMoreResults() == .end(.failed(.server(.unique))))
  }

  @Test(arguments: [
    (ExchangeEvent.sendFailed, Action.end(.failed(.violation("libpq refused to send"), close: true))),
    (.sendFailedOnBrokenConnection, .end(.failed(.lost(nil), close: true))),
    (.rows, .read), (.serverError, .read), (.clientError, .read), (.copyOut, .pause),
    (.copyIn, .end(.failed(wrongStatement, unknown: true, close: true))),
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
    (ExchangeEvent.dataEnded, Action.read), (.cancelRequested, .askServerToCancel),
    (.deadlinePassed, .end(.failed(.timedOut(.copyStall), close: true))),
    (.connectionLost, .end(.failed(.lost(nil), close: true))),
  ])
  private func `while streaming`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.streaming()
    #expect(machine.handle(event) == action)
  }

  @Test(arguments: [
    (ExchangeEvent.serverError, Action.read), (.clientError, .read), (.noMoreResults, .end(.success)),
    (.copyOut, .end(.failed(wrongStatement, unknown: true, close: true))),
    (.cancelRequested, .askServerToCancel), (.cancelPauseElapsed, .wait),
    (.deadlinePassed, .end(.failed(.timedOut(.copyStall), close: true))),
    (.connectionLost, .end(.failed(.lost(nil), close: true))),
  ])
  private func `while ending`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.ending()
    #expect(machine.handle(event) == action)
  }

  @Test(arguments: [
    (ExchangeEvent.copyOut, Action.discardCopyData), (.dataEnded, .read), (.serverError, .read),
    (.cancelReturned, .discardCopyData), (.cancelRequested, .wait), (.cancelPauseElapsed, .wait),
    (.noMoreResults, .wait),
    (.deadlinePassed, .end(ExchangeEnd(mustClose: true))), (.connectionLost, .end(ExchangeEnd(mustClose: true))),
  ])
  private func `after its consumer left`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.left()
    #expect(machine.handle(event) == action)
  }

  @Test func `leaving early is no failure once the server has stopped`() {
    var machine = Self.streaming()
    #expect(machine.consumerLeft() == .askServerToCancel)
    #expect(machine.cancelReturned() == .discardCopyData)
    #expect(machine.dataEnded() == .read)
    _ = machine.received(.serverError(.cancelled))
    #expect(machine.noMoreResults() == .end(.success))
  }

  @Test func `a cancelled consumer gets the cancellation, however the server ends`() {
    var machine = Self.cancelled()
    _ = machine.cancelReturned()
    _ = machine.dataEnded()
    #expect(machine.noMoreResults() == .end(.failed(.cancelled)))
    machine = Self.cancelled()
    #expect(machine.connectionLost() == .end(.failed(.cancelled, close: true)))
    machine = Self.cancelled()
    #expect(machine.deadlinePassed() == .end(.failed(.cancelled, close: true)))
  }

  @Test func `cancelled while starting it drops what then comes`() {
    var machine = Self.starting()
    _ = machine.cancelRequested()
    #expect(machine.received(.copyOut) == .discardCopyData)
    _ = machine.cancelReturned()
    _ = machine.dataEnded()
    #expect(machine.noMoreResults() == .end(.failed(.cancelled)))
  }

  @Test(arguments: [
    (ExchangeEvent.noMoreResults, Action.wait), (.cancelRequested, .wait), (.cancelPauseElapsed, .wait),
    (.cancelReturned, .end(.success)),
    (.deadlinePassed, .end(ExchangeEnd(mustClose: true))), (.connectionLost, .end(ExchangeEnd(mustClose: true))),
  ])
  private func `answered with a cancel request on its way`(_ event: ExchangeEvent, leadsTo action: Action) {
    var machine = Self.answered()
    #expect(machine.handle(event) == action)
  }

  @Test(arguments: [
    ExchangeEvent.sendFailed, .rows, .serverError, .noMoreResults, .cancelReturned, .cancelPauseElapsed,
  ])
  func `while streaming it forbids`(_ event: ExchangeEvent) async {
    await #expect(processExitsWith: .failure) { [event] in
      var machine = CopyOutStateMachine()
      _ = machine.start()
      _ = machine.received(.copyOut)
      _ = machine.handle(event)
    }
  }
}
