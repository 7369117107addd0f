import Testing

@testable import Postgres

@Suite
struct ConnectionStateMachineTests {
  private typealias Machine = ConnectionStateMachine<Int>

  private static func busy(isExclusive: Bool = false) -> Machine {
    var machine = Machine()
    _ = machine.begin(1, isExclusive: isExclusive)
    return machine
  }

  @Test func `an idle connection is taken at once`() {
    var machine = Machine()
    #expect(machine.isIdle)
    #expect(machine.begin(1, isExclusive: false) == .proceed)
    #expect(!machine.isIdle)
    #expect(machine.end(1) == .becomeIdle)
    #expect(machine.isIdle)
  }

  @Test func `those who wait are served in order of arrival`() {
    var machine = Self.busy()
    #expect(machine.begin(2, isExclusive: false) == .wait)
    #expect(machine.begin(3, isExclusive: false) == .wait)
    #expect(machine.end(1) == .resume(2))
    #expect(machine.end(2) == .resume(3))
    #expect(machine.end(3) == .becomeIdle)
  }

  @Test func `during a copy everything else is refused`() {
    var machine = Self.busy(isExclusive: true)
    #expect(machine.begin(2, isExclusive: false) == .refuseDuringCopy)
    #expect(machine.begin(3, isExclusive: true) == .refuseDuringCopy)
    #expect(machine.end(1) == .becomeIdle)
  }

  @Test func `a copy waits for its turn, and those before it still get theirs`() {
    var machine = Self.busy()
    #expect(machine.begin(2, isExclusive: true) == .wait)
    #expect(machine.begin(3, isExclusive: false) == .wait)
    #expect(machine.end(1) == .resume(2))
    #expect(machine.begin(4, isExclusive: false) == .refuseDuringCopy)
    #expect(machine.end(2) == .resume(3))
  }

  @Test func `cancelling finds the exchange, the waiter, or nobody`() {
    var machine = Self.busy()
    _ = machine.begin(2, isExclusive: false)
    #expect(machine.cancel(1) == .interruptExchange)
    #expect(machine.cancel(2) == .failWaiter)
    #expect(machine.cancel(2) == .none)
    #expect(machine.cancel(7) == .none)
    #expect(machine.end(1) == .becomeIdle)
    #expect(machine.cancel(1) == .none)
  }

  @Test func `closing ends every wait, once, and refuses what comes later`() {
    var machine = Self.busy()
    _ = machine.begin(2, isExclusive: false)
    let first = machine.close()
    #expect(first.isFirst && first.waiters == [2])
    let second = machine.close()
    #expect(!second.isFirst && second.waiters.isEmpty)
    #expect(machine.isClosed)
    #expect(machine.begin(3, isExclusive: false) == .refuseClosed)
    #expect(machine.cancel(1) == .none)
    #expect(machine.end(1) == .none)
  }

  @Test func `an idle connection closes`() {
    var machine = Machine()
    let closing = machine.close()
    #expect(closing.isFirst && closing.waiters.isEmpty)
  }

  @Test func `ending on an idle connection is forbidden`() async {
    await #expect(processExitsWith: .failure) {
      var machine = ConnectionStateMachine<Int>()
      _ = machine.end(1)
    }
  }

  @Test func `ending what is not in progress is forbidden`() async {
    await #expect(processExitsWith: .failure) {
      var machine = ConnectionStateMachine<Int>()
      _ = machine.begin(1, isExclusive: false)
      _ = machine.end(2)
    }
  }
}
