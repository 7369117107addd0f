import Testing

@testable import Postgres

@Suite
struct ListenStateMachineTests {
  private typealias Machine = ListenStateMachine<Int, String>
  private static let lost = PostgresError("listen", .connectionLost(nil, message: ""), file: "", line: 0)

  /// What a demand got, in words.
  private func demand(_ machine: inout Machine, by consumer: String = "consumer") -> String {
    switch machine.demanded(by: consumer) {
    case .deliver(let number, let isMissingSome): isMissingSome ? "\(number) after a gap" : "\(number)"
    case .suspend: "suspend"
    case .fail: "fail"
    case .refuse: "refuse"
    case .end: "end"
    }
  }

  @Test func `what waits is delivered in order`() {
    var machine = Machine(bufferMax: 10)
    for number in 1...3 { _ = machine.notified(number) }
    #expect([demand(&machine), demand(&machine), demand(&machine)] == ["1", "2", "3"])
    #expect(demand(&machine) == "suspend")
  }

  @Test func `a waiting consumer gets the next one`() {
    var machine = Machine(bufferMax: 10)
    #expect(demand(&machine) == "suspend")
    guard case .deliver("consumer", isMissingSome: false) = machine.notified(1) else {
      Issue.record("not delivered")
      return
    }
    guard case .none = machine.notified(2) else {
      Issue.record("delivered without a consumer")
      return
    }
    #expect(demand(&machine) == "2")
  }

  @Test func `a full buffer drops the oldest and says so once`() {
    var machine = Machine(bufferMax: 2)
    for number in 1...5 { _ = machine.notified(number) }
    #expect([demand(&machine), demand(&machine)] == ["4 after a gap", "5"])
  }

  @Test func `a second consumer is refused`() {
    var machine = Machine(bufferMax: 2)
    _ = demand(&machine)
    #expect(demand(&machine, by: "another") == "refuse")
  }

  @Test func `a cancelled consumer is returned once`() {
    var machine = Machine(bufferMax: 2)
    #expect(machine.consumerCancelled() == nil)
    _ = demand(&machine)
    #expect(machine.consumerCancelled() == "consumer")
    #expect(machine.consumerCancelled() == nil)
    #expect(demand(&machine) == "suspend")
  }

  @Test func `after a loss what waits can be taken, then the loss is reported each time`() {
    var machine = Machine(bufferMax: 2)
    _ = machine.notified(1)
    #expect(machine.failed(Self.lost) == nil)
    _ = machine.notified(2)
    #expect([demand(&machine), demand(&machine), demand(&machine)] == ["1", "fail", "fail"])
    #expect(machine.failed(Self.lost) == nil)
    #expect(machine.consumerCancelled() == nil)
  }

  @Test func `a loss wakes the consumer`() {
    var machine = Machine(bufferMax: 2)
    _ = demand(&machine)
    #expect(machine.failed(Self.lost) == "consumer")
    #expect(demand(&machine) == "fail")
  }

  @Test func `leaving ends the sequence for whoever waits and for later demands`() {
    var machine = Machine(bufferMax: 2)
    _ = demand(&machine)
    #expect(machine.left() == "consumer")
    #expect(demand(&machine) == "end")
    #expect(machine.left() == nil)
    #expect(machine.failed(Self.lost) == nil)
    guard case .none = machine.notified(1) else {
      Issue.record("delivered after the end")
      return
    }
  }
}
