import Consumers
import EventSourcing
import Testing

/// What workers that share a consumer may rely on.
struct ConsumerStateTests {
  private static let start = Timestamp(microsecondsSinceEpoch: 1_551_441_600_000_000)

  private static func after(_ seconds: Int) -> Timestamp {
    Timestamp(microsecondsSinceEpoch: start.microsecondsSinceEpoch + Int64(seconds) * 1_000_000)
  }

  /// A feed whose events are about these subjects, and a consumer at its beginning.
  private final class Feed {
    let subjects: [String]
    var state = ConsumerState()
    var parked: [String: Position] = [:]
    var setAside: [SetAsideEvent] = []
    var leaseCount: UInt64 = 0

    convenience init(_ subjects: String...) { self.init(subjects: subjects) }

    init(subjects: [String]) { self.subjects = subjects }

    func lease(
      _ worker: String, _ count: Int = 10, at seconds: Int = 0, for duration: Int = 60, hasWaited: Bool = false
    ) -> (id: EntityID, events: [Int64]) {
      leaseCount += 1
      let lease = ConsumerState.Lease(
        id: EntityID(high: 1, low: leaseCount), worker: worker,
        until: ConsumerStateTests.after(seconds + duration))
      let events = subjects.enumerated().dropFirst(Int(state.next.value)).map { (Position(Int64($0)), $1) }
      let (taken, _, aside) = state.lease(
        events, as: lease, countMax: count, parked: parked, hasWaited: hasWaited,
        at: ConsumerStateTests.after(seconds))
      note(aside)
      return (lease.id, taken.map(\.value))
    }

    func nack(_ lease: EntityID, _ event: Int64, _ nack: ConsumerState.Nack, at seconds: Int = 0) -> Bool {
      let now = ConsumerStateTests.after(seconds)
      guard let aside = state.nack(lease, Position(event), nack, reason: "reason", at: now) else { return false }
      note(aside)
      return true
    }

    func ack(_ lease: EntityID, _ event: Int64) -> Bool { state.ack(lease, through: Position(event)) }

    func extend(_ lease: EntityID, until seconds: Int) -> Bool {
      state.extend(lease, until: ConsumerStateTests.after(seconds))
    }

    func release(_ lease: EntityID, at seconds: Int) -> Bool {
      state.release(lease, at: ConsumerStateTests.after(seconds))
    }

    private func note(_ aside: [SetAsideEvent]) {
      setAside += aside
      let first = aside.filter { $0.outcome == .parked }.map { ($0.subject, $0.position) }
      parked.merge(first, uniquingKeysWith: { min($0, $1) })
    }
  }

  @Test func `two workers share the events, and none gets one about a subject that the other has`() {
    let feed = Feed("a", "b", "a", "c", "b")
    let first = feed.lease("one", 1)
    let second = feed.lease("two")
    #expect(first.events == [0])
    #expect(second.events == [1, 3, 4], "the second event about a waits for the first")
    #expect(feed.ack(first.id, 0))
    #expect(feed.lease("one").events == [2])
    #expect(feed.ack(second.id, 4))
    #expect(feed.state.next.value == 2)
    #expect(feed.state.entries.count == 3)
  }

  @Test func `a lease that runs out gives its events back one by one, and its worker may still finish until then`() {
    let feed = Feed("a", "b", "c")
    let slow = feed.lease("slow", 2)
    // Its time is over, and nobody has asked.
    #expect(feed.ack(slow.id, 0))
    let other = feed.lease("other", at: 61)
    #expect(other.events == [1], "what a lease lost is handed out alone")
    #expect(!feed.ack(slow.id, 1))
    #expect(feed.ack(other.id, 1))
    #expect(feed.lease("other", at: 62).events == [2])
  }

  @Test func `a worker that asks again has lost what it had`() {
    let feed = Feed("a", "b")
    let lost = feed.lease("one")
    let again = feed.lease("one")
    #expect((lost.events, again.events) == ([0, 1], [0]))
    #expect(!feed.ack(lost.id, 1))
  }

  @Test func `a request that has waited takes nothing from a newer one of its worker`() {
    let feed = Feed("a", "b")
    #expect(feed.lease("one", hasWaited: true).events == [0, 1], "alone it gets what has come")
    let newer = feed.lease("one")
    #expect(newer.events == [0])
    #expect(feed.lease("one", hasWaited: true).events == [])
    #expect(feed.ack(newer.id, 0))
  }

  @Test func `an event is tried again after its pause, with those after it about the same subject`() {
    let feed = Feed("a", "a", "b")
    let first = feed.lease("one")
    #expect(feed.nack(first.id, 0, .retry(afterSeconds: 30)))
    #expect(feed.ack(first.id, 2))
    #expect(feed.state.next.value == 0)
    #expect(feed.lease("one", at: 29).events == [])
    let second = feed.lease("one", at: 30)
    #expect(second.events == [0])
    #expect(feed.ack(second.id, 0))
    #expect(feed.lease("one", at: 31).events == [1])
  }

  @Test func `a parked event is never overtaken, a skipped one is passed over`() {
    let feed = Feed("a", "b", "a", "b", "a")
    let first = feed.lease("one", 3)
    #expect(feed.nack(first.id, 0, .park))
    #expect(feed.nack(first.id, 1, .skip))
    #expect(feed.setAside.map(\.position.value) == [0, 2, 1])
    #expect(feed.setAside.map(\.outcome) == [.parked, .parked, .skipped])
    #expect(feed.lease("one").events == [3])
    #expect(feed.setAside.count == 4, "the last one about a goes with it")
    feed.state.replay(from: Position(0))
    feed.parked = [:]
    #expect(feed.lease("one").events == [0, 1, 2, 3, 4])
  }

  @Test(arguments: [true, false]) func `what comes before a parked event is done all the same`(givesBack: Bool) {
    let feed = Feed("a", "a", "a", "b")
    let first = feed.lease("one", 2)
    #expect(feed.nack(first.id, 1, .park))
    // Given back by its worker, or by a lease that runs out.
    if givesBack { #expect(feed.nack(first.id, 0, .retry(afterSeconds: 30))) }
    let second = feed.lease("two", at: 61)
    #expect(second.events == [0])
    #expect(feed.ack(second.id, 0))
    #expect(feed.lease("two", at: 62).events == [3])
    #expect(feed.setAside.map(\.position.value) == [1, 2])
  }

  @Test func `an event that kills its workers is set aside in the end`() {
    let feed = Feed("a", "poison", "b", "poison")
    var seconds = 0
    var done: [Int64] = []
    while feed.setAside.isEmpty, seconds < 10_000 {
      let lease = feed.lease("one", at: seconds)
      // The worker dies of the poison and so loses what it has in hand.
      if !lease.events.contains(1), let last = lease.events.last {
        #expect(feed.ack(lease.id, last))
        done += lease.events
      }
      seconds += 61
    }
    let rest = feed.lease("one", at: seconds)
    #expect(feed.setAside.map(\.position.value) == [1, 3])
    #expect(feed.setAside[0].reason.contains("10 times"))
    #expect((done + rest.events).sorted() == [0, 2])
  }

  @Test func `a lease lasts longer when its worker says so, and what it gives back is no failure`() {
    let feed = Feed("a", "b")
    let first = feed.lease("one", 1)
    #expect(feed.extend(first.id, until: 600))
    #expect(feed.lease("two", at: 300).events == [1])
    #expect(feed.release(first.id, at: 301))
    #expect(!feed.release(first.id, at: 301))
    #expect(!feed.extend(first.id, until: 600))
    #expect(feed.lease("three", at: 302).events == [0])
  }

  @Test func `no more is in hand than a consumer remembers`() {
    let feed = Feed(subjects: ["stuck"] + (0..<2000).map { "s\($0)" })
    let stuck = feed.lease("stuck", 1, for: 10_000)
    var taken = 0
    while true {
      let lease = feed.lease("one", 256)
      guard let last = lease.events.last else { break }
      taken += lease.events.count
      #expect(feed.ack(lease.id, last))
    }
    #expect(taken == ConsumerState.windowMax - 1)
    #expect(feed.state.entries.count == ConsumerState.windowMax)
    #expect(feed.ack(stuck.id, 0))
    #expect(feed.state.entries.isEmpty)
    #expect(feed.state.next.value == Int64(ConsumerState.windowMax))
  }

  @Test(arguments: 0..<20)
  func `whatever workers do, each event is done or set aside once, in order about each subject`(seed: UInt64) {
    var random = SplitMix64(state: seed)
    let feed = Feed(subjects: (0..<300).map { _ in "s\(random.next() % 9)" })
    var held: [String: (id: EntityID, events: [Int64])] = [:]
    var finished: [Int64] = []
    var seconds = 0
    while feed.state.next.value < 300, seconds < 1_000_000 {
      seconds += Int(random.next() % 30)
      let worker = "w\(random.next() % 4)"
      guard let lease = held[worker], !lease.events.isEmpty else {
        let lease = feed.lease(worker, Int(random.next() % 12) + 1, at: seconds)
        // Nobody else still has one of them, unless that lease is over.
        for (other, theirs) in held where other != worker && !theirs.events.isEmpty {
          let common = Set(lease.events).intersection(theirs.events)
          if !common.isEmpty { #expect(!feed.ack(theirs.id, 10_000)) }
        }
        held[worker] = lease
        continue
      }
      let event = lease.events[0]
      held[worker]?.events.removeFirst()
      switch random.next() % 20 {
      case 0: held[worker] = nil
      case 1:
        _ = feed.nack(lease.id, event, .park)
      case 2:
        if feed.nack(lease.id, event, .skip) { finished.append(event) }
      case 3:
        _ = feed.nack(lease.id, event, .retry(afterSeconds: Int(random.next() % 100)), at: seconds)
        // What goes back with it is for whoever gets it next.
        let subject = feed.subjects[Int(event)]
        held[worker]?.events.removeAll { feed.subjects[Int($0)] == subject }
      default:
        // An answer that says so is what a worker may rely on.
        if feed.state.entries[Position(event)]?.lease?.id == lease.id, feed.ack(lease.id, event) {
          finished.append(event)
        }
      }
    }
    let aside = feed.setAside.filter { $0.outcome == .parked }.map(\.position.value)
    #expect((finished + aside).sorted() == (0..<300).map(Int64.init))
    for subject in Set(feed.subjects) {
      let own = finished.filter { feed.subjects[Int($0)] == subject }
      #expect(own == own.sorted())
      let parkedFrom = aside.filter { feed.subjects[Int($0)] == subject }.min() ?? .max
      #expect(own.allSatisfy { $0 < parkedFrom }, "what was parked is not overtaken")
    }
  }
}
