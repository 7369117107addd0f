import Consumers
import EventLogPostgres
import EventSourcing
import GrowingLog
import HangLimit
import TestDatabases
import Testing

/// The store of consumers in PostgreSQL does what the one in memory does, which the tests without a server rely on.
@Suite(.hangLimit) struct PostgresConsumerStoreTests {
  private static let log = LogID(plan: EntityID(high: 1, low: 2), name: "feed-press")
  private static let consumer = ConsumerID(log: log, name: "archive")
  private static let time = Timestamp(microsecondsSinceEpoch: 1_551_441_600_000_000)

  @Test func `a seeded history of leases leaves the same in both stores`() async throws {
    try await withEventLog { log, _ in
      let stores: [any ConsumerStore] = [PostgresConsumerStore(log), InMemoryConsumerStore(clock: { Self.time })]
      for store in stores {
        #expect(try await store.state(of: Self.consumer) == nil)
        #expect(try await store.create(Self.consumer, at: Position(3)))
        #expect(try await !store.create(Self.consumer, at: Position(4)))
        #expect(try await store.names(of: Self.log) == ["archive"])
      }
      var random = SplitMix64(state: 20_180_904)
      for step in 0..<200 {
        let before = try #require(try await stores[0].state(of: Self.consumer)).state
        let (after, setAside, freed) = Self.change(before, step, &random)
        for store in stores {
          let own = try #require(try await store.state(of: Self.consumer)).state
          #expect(own.next == before.next && own.entries == before.entries)
          #expect(
            try await store.keep(
              after, changedFrom: own, setAside: setAside, freeingFrom: freed, of: Self.consumer))
          #expect(
            try await !store.keep(
              after, changedFrom: own, setAside: setAside, freeingFrom: freed, of: Self.consumer),
            "what was made of an older state is not kept")
        }
        let parked = try await stores[1].parkedSubjects(of: Self.consumer)
        #expect(try await stores[0].parkedSubjects(of: Self.consumer) == parked)
        let aside = try await stores[1].setAside(of: Self.consumer, limit: 20)
        #expect(try await stores[0].setAside(of: Self.consumer, limit: 20) == aside)
      }
      for store in stores {
        #expect(try await store.delete(Self.consumer))
        #expect(try await !store.delete(Self.consumer))
        #expect(try await store.setAside(of: Self.consumer, limit: 20) == [])
      }
    }
  }

  private static func change(
    _ before: ConsumerState, _ step: Int, _ random: inout SplitMix64
  ) -> (ConsumerState, [SetAsideEvent], Position?) {
    var state = before
    let now = Timestamp(microsecondsSinceEpoch: time.microsecondsSinceEpoch + Int64(step) * 1_000_000)
    let leased = state.entries.filter { $0.value.lease != nil }.sorted { $0.key < $1.key }
    guard let (position, entry) = leased.randomElement(using: &random), let lease = entry.lease, random.next() % 3 > 0
    else {
      if random.next() % 20 == 0 {
        state.replay(from: Position(Int64(random.next() % 10)))
        return (state, [], state.next)
      }
      let until = Timestamp(microsecondsSinceEpoch: now.microsecondsSinceEpoch + 7_000_000)
      let worker = "w\(random.next() % 3)"
      let events = (0..<40).map { (Position(before.next.value + $0), "s\((before.next.value + $0) % 7)") }
      let id = EntityID(high: UInt64(step), low: random.next())
      let (_, _, aside) = state.lease(
        events, as: .init(id: id, worker: worker, until: until), countMax: 5, parked: [:], at: now)
      return (state, aside, nil)
    }
    switch random.next() % 4 {
    case 0: return (state, state.nack(lease.id, position, .park, reason: "R", at: now) ?? [], nil)
    case 1: return (state, state.nack(lease.id, position, .retry(afterSeconds: 0), reason: "R", at: now) ?? [], nil)
    case 2: return (state, state.nack(lease.id, position, .skip, reason: "R", at: now) ?? [], nil)
    default:
      _ = state.ack(lease.id, through: position)
      return (state, [], nil)
    }
  }

  @Test func `what comes before a parked event is handed out again, whichever the store`() async throws {
    try await withEventLog { log, _ in
      let feed = GrowingLog(id: Self.log)
      try await feed.grow(by: 3)
      let stores: [any ConsumerStore] = [PostgresConsumerStore(log), InMemoryConsumerStore(clock: { Self.time })]
      for store in stores {
        let desk = ConsumerDesk(feeds: feed.memory, store: store)
        #expect(try await store.create(Self.consumer, at: Position(0)))
        let first = try await desk.lease(Self.consumer, to: "one", countMax: 3, seconds: 60)
        // Sets the third aside too: all three are about one subject.
        try await desk.nack(Self.consumer, first.lease.id, Position(1), .park, reason: "R")
        try await desk.nack(Self.consumer, first.lease.id, Position(0), .retry(afterSeconds: 0), reason: "R")
        #expect(try await store.parkedSubjects(of: Self.consumer) == ["measures/0": Position(1)])
        let second = try await desk.lease(Self.consumer, to: "one", countMax: 3, seconds: 60)
        #expect(second.events.map(\.position.value) == [0])
      }
    }
  }

  @Test func `many workers on two servers get each event once, and in order about each subject`() async throws {
    try await withEventLog { log, _ in
      let count = 400
      let feed = GrowingLog(id: Self.log, subjectCount: 11)
      try await feed.grow(by: count)
      let desks = (0..<2).map { _ in
        ConsumerDesk(feeds: feed.memory, store: PostgresConsumerStore(log))
      }
      #expect(try await desks[0].store.create(Self.consumer, at: Position(0)))
      let done = try await withThrowingTaskGroup(of: [(order: Int, position: Int64)].self) { group in
        let turns = Turns()
        for worker in 0..<6 {
          group.addTask {
            let desk = desks[worker % 2]
            var own: [(Int, Int64)] = []
            while true {
              let leased = try await desk.lease(Self.consumer, to: "w\(worker)", countMax: 7, seconds: 60)
              if leased.events.isEmpty {
                let state = try #require(try await desk.store.state(of: Self.consumer)).state
                if state.next.value >= Int64(count) { return own }
                await Task.yield()
              }
              for event in leased.events {
                own.append((await turns.next(), event.position.value))
                try await desk.ack(Self.consumer, leased.lease.id, through: event.position)
              }
            }
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(done.map(\.position).sorted() == (0..<Int64(count)).map { $0 })
      for subject in 0..<Int64(11) {
        let own = done.sorted { $0.order < $1.order }.map(\.position).filter { $0 % 11 == subject }
        #expect(own == own.sorted())
      }
    }
  }

  /// Numbers what happens.
  private actor Turns {
    private var count = 0

    func next() -> Int {
      count += 1
      return count
    }
  }
}
