import Testing

@testable import Postgres

@Suite
struct PoolStateMachineTests {
  /// Connections are numbered, waiters are their own names.
  private typealias Machine = PoolStateMachine<Int, String, String>

  private let start = ContinuousClock.now

  private func makePool(sizeMax: Int = 2, waitersMax: Int = 3) -> Machine {
    Machine(
      limits: Machine.Limits(
        sizeMax: sizeMax, waitersMax: waitersMax, acquireTimeout: .seconds(5), healthCheckAge: .seconds(30),
        backoffMin: .milliseconds(100), backoffMax: .seconds(2))
    ) { $0 }
  }

  private func lease(_ pool: inout Machine, _ waiter: String, after: Duration = .zero) -> String {
    switch pool.lease(waiter, waiter, now: start + after) {
    case .lease(let id): "lease \(id)"
    case .wait(open: nil): "wait"
    case .wait(let opening?): "wait, open \(opening.id) after \(opening.after)"
    case .refuseExhausted(let waiting): "refuse, \(waiting) wait"
    case .refuseStopped: "refuse, stopped"
    }
  }

  private func words(_ action: Machine.ReturnAction) -> String {
    switch action {
    case .hand(let waiter): "hand to \(waiter)"
    case .park: "park"
    case .close(open: nil): "close"
    case .close(let opening?): "close, open \(opening.id)"
    }
  }

  /// A pool with one idle connection, number 1.
  private func poolWithIdle(sizeMax: Int = 2) -> Machine {
    var pool = makePool(sizeMax: sizeMax)
    _ = lease(&pool, "a")
    _ = pool.opened(1, now: start)
    _ = pool.release(1, isReusable: true, now: start)
    return pool
  }

  // MARK: Opening on demand

  @Test func `nothing is open before somebody asks`() {
    let pool = makePool()
    #expect(pool.counts.open == 0 && pool.counts.idle == 0 && pool.counts.waiting == 0)
    #expect(pool.nextDeadline == nil)
  }

  @Test func `each waiter has one connection opened for it, up to the limit`() {
    var pool = makePool()
    #expect(lease(&pool, "a") == "wait, open 1 after 0.0 seconds")
    #expect(lease(&pool, "b") == "wait, open 2 after 0.0 seconds")
    #expect(lease(&pool, "c") == "wait")
    #expect(pool.counts.open == 0 && pool.counts.waiting == 3)
  }

  @Test func `an open connection goes to whoever waits longest`() {
    var pool = makePool()
    for waiter in ["a", "b", "c"] { _ = lease(&pool, waiter) }
    #expect(words(pool.opened(2, now: start)) == "hand to a")
    #expect(words(pool.opened(1, now: start)) == "hand to b")
    #expect(words(pool.release(2, isReusable: true, now: start)) == "hand to c")
    #expect(words(pool.release(1, isReusable: true, now: start)) == "park")
    #expect(pool.counts.open == 2 && pool.counts.idle == 1)
  }

  @Test func `the connection used last is lent first`() {
    var pool = makePool()
    _ = lease(&pool, "a")
    _ = lease(&pool, "b")
    _ = pool.opened(1, now: start)
    _ = pool.opened(2, now: start)
    _ = pool.release(1, isReusable: true, now: start)
    _ = pool.release(2, isReusable: true, now: start)
    #expect(lease(&pool, "c") == "lease 2")
    #expect(lease(&pool, "d") == "lease 1")
  }

  @Test func `one waiter too many is refused`() {
    var pool = makePool(waitersMax: 2)
    _ = lease(&pool, "a")
    _ = lease(&pool, "b")
    #expect(lease(&pool, "c") == "refuse, 2 wait")
  }

  // MARK: Waiting

  @Test func `waiters expire in order, each at its own time`() {
    var pool = makePool()
    _ = lease(&pool, "a")
    _ = lease(&pool, "b", after: .seconds(1))
    #expect(pool.nextDeadline == start + .seconds(5))
    #expect(pool.expireWaiters(now: start + .milliseconds(4999)) == [])
    #expect(pool.expireWaiters(now: start + .seconds(5)) == ["a"])
    #expect(pool.nextDeadline == start + .seconds(6))
    #expect(pool.expireWaiters(now: start + .seconds(60)) == ["b"])
    #expect(pool.nextDeadline == nil)
  }

  @Test func `a cancelled waiter leaves its place to the next`() {
    var pool = makePool()
    for waiter in ["a", "b", "c"] { _ = lease(&pool, waiter) }
    #expect(pool.cancelWaiter("a") == "a")
    #expect(pool.cancelWaiter("a") == nil)
    #expect(words(pool.opened(1, now: start)) == "hand to b")
  }

  @Test func `a connection that comes too late is kept`() {
    var pool = makePool()
    _ = lease(&pool, "a")
    _ = pool.expireWaiters(now: start + .seconds(5))
    #expect(words(pool.opened(1, now: start + .seconds(6))) == "park")
    #expect(lease(&pool, "b") == "lease 1")
  }

  // MARK: Failing to open

  @Test func `pauses grow to their limit while attempts fail, and one attempt probes at a time`() {
    var pool = makePool(sizeMax: 8)
    for waiter in ["a", "b", "c"] { _ = lease(&pool, waiter) }
    // Two of the three that were started fail while the third still tries.
    #expect(pool.openFailed(1, random: 1, now: start) == nil)
    #expect(pool.openFailed(2, random: 1, now: start) == nil)
    var pauses: [Duration] = []
    var id = 3
    for _ in 0..<6 {
      guard let opening = pool.openFailed(id, random: 1, now: start) else { break }
      pauses.append(opening.after)
      id = opening.id
    }
    #expect(pauses == [400, 800, 1600, 2000, 2000, 2000].map { .milliseconds($0) })
  }

  @Test func `half of a pause is chance`() {
    var pool = makePool()
    _ = lease(&pool, "a")
    #expect(pool.openFailed(1, random: 0, now: start)?.after == .milliseconds(50))
  }

  @Test func `without waiters nobody probes, and the next caller respects the pause`() {
    var pool = makePool()
    _ = lease(&pool, "a")
    _ = pool.cancelWaiter("a")
    #expect(pool.openFailed(1, random: 1, now: start) == nil)
    #expect(lease(&pool, "b", after: .milliseconds(40)) == "wait, open 2 after 0.06 seconds")
  }

  @Test func `after the first success all that are needed are opened`() {
    var pool = makePool(sizeMax: 3)
    for waiter in ["a", "b", "c"] { _ = lease(&pool, waiter) }
    for id in 1...3 { _ = pool.openFailed(id, random: 1, now: start) }
    #expect(words(pool.opened(4, now: start)) == "hand to a")
    #expect(pool.openMore(now: start)?.after == .zero)
    #expect(pool.openMore(now: start)?.after == .zero)
    #expect(pool.openMore(now: start) == nil)
  }

  // MARK: Breaking

  @Test func `a broken connection is closed and replaced if somebody waits`() {
    var pool = poolWithIdle(sizeMax: 1)
    _ = lease(&pool, "a")
    #expect(words(pool.release(1, isReusable: false, now: start)) == "close")
    _ = lease(&pool, "b")
    _ = pool.opened(2, now: start)
    _ = lease(&pool, "c")
    #expect(words(pool.release(2, isReusable: false, now: start)) == "close, open 3")
  }

  @Test func `one that breaks while idle is forgotten, one that is lent is awaited`() {
    var pool = poolWithIdle()
    let isGone = pool.closed(1)
    #expect(isGone && pool.counts.open == 0)
    let isGoneAgain = pool.closed(1)
    #expect(!isGoneAgain)
    var other = poolWithIdle()
    _ = lease(&other, "a")
    let isLentGone = other.closed(1)
    #expect(!isLentGone)
    #expect(words(other.release(1, isReusable: false, now: start)) == "close")
  }

  // MARK: Checking

  @Test func `only what has been idle for long is checked, and is not lent meanwhile`() {
    var pool = poolWithIdle(sizeMax: 1)
    #expect(pool.takeForCheck(now: start + .seconds(29)) == [])
    #expect(pool.takeForCheck(now: start + .seconds(30)) == [1])
    #expect(pool.takeForCheck(now: start + .seconds(31)) == [])
    #expect(lease(&pool, "a") == "wait")
    #expect(words(pool.checked(1, isHealthy: true, now: start)) == "hand to a")
  }

  @Test func `one that fails its check is closed`() {
    var pool = poolWithIdle()
    _ = pool.takeForCheck(now: start + .seconds(30))
    let isGone = pool.closed(1)
    #expect(!isGone)
    #expect(words(pool.checked(1, isHealthy: false, now: start)) == "close")
    #expect(pool.counts.open == 0)
  }

  @Test func `a checked connection is young again`() {
    var pool = poolWithIdle()
    _ = pool.takeForCheck(now: start + .seconds(30))
    #expect(words(pool.checked(1, isHealthy: true, now: start + .seconds(31))) == "park")
    #expect(pool.takeForCheck(now: start + .seconds(60)) == [])
    #expect(pool.takeForCheck(now: start + .seconds(61)) == [1])
  }

  // MARK: Stopping

  @Test func `stopping refuses waiters, closes what is idle and later what comes back`() {
    var pool = poolWithIdle()
    _ = lease(&pool, "a")
    _ = lease(&pool, "b")
    _ = pool.opened(2, now: start)
    _ = lease(&pool, "c")
    _ = pool.release(1, isReusable: true, now: start)
    _ = pool.release(2, isReusable: true, now: start)
    let (closing, refused) = pool.stop()
    #expect(closing == [2] && refused == [])
    #expect(lease(&pool, "d") == "refuse, stopped")
    #expect(words(pool.release(1, isReusable: true, now: start)) == "close")
    #expect(pool.takeForCheck(now: start + .seconds(90)) == [])
    #expect(pool.openMore(now: start) == nil)
  }

  @Test func `an attempt that ends after the stop leaves nothing`() {
    var pool = makePool()
    _ = lease(&pool, "a")
    _ = lease(&pool, "b")
    let (closing, refused) = pool.stop()
    #expect(closing == [] && refused == ["a", "b"])
    #expect(words(pool.opened(1, now: start)) == "close")
    #expect(pool.openFailed(2, random: 1, now: start) == nil)
    #expect(pool.counts.open == 0)
  }

  // MARK: Forbidden

  @Test func `releasing what is not lent is forbidden`() async {
    await #expect(processExitsWith: .failure) {
      var pool = PoolStateMachineTests().poolWithIdle()
      _ = pool.release(1, isReusable: true, now: .now)
    }
  }

  @Test func `opening what is open is forbidden`() async {
    await #expect(processExitsWith: .failure) {
      var pool = PoolStateMachineTests().poolWithIdle()
      _ = pool.opened(1, now: .now)
    }
  }

  @Test func `failing to open what is open is forbidden`() async {
    await #expect(processExitsWith: .failure) {
      var pool = PoolStateMachineTests().poolWithIdle()
      _ = pool.openFailed(1, random: 0, now: .now)
    }
  }

  @Test func `a check that was not asked for is forbidden`() async {
    await #expect(processExitsWith: .failure) {
      var pool = PoolStateMachineTests().poolWithIdle()
      _ = pool.checked(1, isHealthy: true, now: .now)
    }
  }
}

@Suite
struct WaitQueueTests {
  @Test func `it is first in, first out, and lets single elements go`() {
    var queue = WaitQueue<Int, String>()
    for number in 0..<200 { queue.append(number, "\(number)") }
    #expect(queue.remove(0) == "0")
    #expect(queue.remove(100) == "100")
    #expect(queue.remove(100) == nil)
    #expect(queue.count == 198)
    var order: [Int] = []
    while let next = queue.popFirst() {
      order.append(next.key)
      if next.key == 150 { queue.append(1000, "again") }
    }
    #expect(order == Array(1..<100) + Array(101..<200) + [1000])
    #expect(queue.isEmpty && queue.first == nil)
  }
}
