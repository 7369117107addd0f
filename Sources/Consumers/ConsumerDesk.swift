public import EventSourcing

/// Where workers get events and say what became of them.
///
/// Every answer is durable. Two workers, or two servers, that change a consumer at once are put in an order by its
/// revision; whoever comes second decides again on what the first has left.
public struct ConsumerDesk: Sendable {
  /// Events that one lease may hold.
  public static let countMax = 256
  /// Consumers that a feed may have.
  public static let consumersMax = 32
  /// How long a lease lasts unless the worker says otherwise.
  public static let leaseSeconds = 60
  /// Events read at once when looking for some to hand out.
  private static let pageSize = 256
  /// Changes by others that one change is decided again after.
  private static let conflictsMax = 64

  private let feeds: any EventLog
  public let store: any ConsumerStore

  public init(feeds: any EventLog, store: any ConsumerStore) {
    self.feeds = feeds
    self.store = store
  }

  /// Why a worker's word does not count.
  public enum Objection: Error, Hashable, Sendable {
    case unknownConsumer
    /// The lease has ended: it ran out and others got its events, all of it is finished, or somebody replays.
    case leaseEnded
    /// Others changed the consumer all the time; nothing was kept.
    case contended
  }

  /// What a worker got.
  public struct Leased: Sendable {
    public let lease: ConsumerState.Lease
    public let events: [StoredEvent]
  }

  /// Gives a worker the next events that it may have; none when there are none, and then there is no lease either.
  /// - Parameter hasWaited: whether the same request got none before.
  public func lease(
    _ consumer: ConsumerID, to worker: String, countMax: Int, seconds: Int, hasWaited: Bool = false
  ) async throws -> Leased {
    while true {
      let (leased, hasMoved) = try await change(consumer) { state, time in
        let before = state
        let lease = ConsumerState.Lease(id: Self.newID(at: time), worker: worker, until: time.adding(seconds: seconds))
        let (events, setAside) = try await take(
          &state, as: lease, countMax: countMax, hasWaited: hasWaited, of: consumer, at: time)
        let leased = Leased(lease: lease, events: events)
        return ((leased, state.next > before.next), setAside)
      }
      // What follows about parked subjects was set aside, and beyond it there may be more.
      guard leased.events.isEmpty, hasMoved else { return leased }
    }
  }

  /// Looks through the feed page by page. What is decided about an event does not depend on those after it, so only the
  /// events that were taken are kept.
  private func take(
    _ state: inout ConsumerState, as lease: ConsumerState.Lease, countMax: Int, hasWaited: Bool,
    of consumer: ConsumerID, at time: Timestamp
  ) async throws -> (events: [StoredEvent], setAside: [SetAsideEvent]) {
    let parked = try await store.parkedSubjects(of: consumer)
    let before = state
    var seen: [(position: Position, subject: String)] = []
    var kept: [StoredEvent] = []
    while true {
      let from = Position(before.next.value + Int64(seen.count))
      let page = try await feeds.events(of: consumer.log, matching: EventQuery(from: from, limit: Self.pageSize))
      seen += page.map { ($0.position, $0.subject) }
      state = before
      let (positions, isFull, setAside) = state.lease(
        seen, as: lease, countMax: countMax, parked: parked, hasWaited: hasWaited, at: time)
      let taken = Set(positions)
      kept += page.filter { taken.contains($0.position) }
      if isFull || page.count < Self.pageSize || seen.count >= ConsumerState.windowMax { return (kept, setAside) }
    }
  }

  /// Finishes all events of a lease up to a position.
  public func ack(_ consumer: ConsumerID, _ lease: EntityID, through position: Position) async throws {
    try await change(consumer) { state, _ in
      guard state.ack(lease, through: position) else { throw Objection.leaseEnded }
      return ((), [])
    }
  }

  /// Gives one event of a lease back.
  public func nack(
    _ consumer: ConsumerID, _ lease: EntityID, _ position: Position, _ nack: ConsumerState.Nack, reason: String
  ) async throws {
    try await change(consumer) { state, now in
      guard let setAside = state.nack(lease, position, nack, reason: reason, at: now) else {
        throw Objection.leaseEnded
      }
      return ((), setAside)
    }
  }

  /// Lets a worker keep what it has, from now on for so long.
  public func extend(_ consumer: ConsumerID, _ lease: EntityID, seconds: Int) async throws -> Timestamp {
    try await change(consumer) { state, now in
      let until = now.adding(seconds: seconds)
      guard state.extend(lease, until: until) else { throw Objection.leaseEnded }
      return (until, [])
    }
  }

  /// Takes back what a worker has not done, for others to have at once.
  public func release(_ consumer: ConsumerID, _ lease: EntityID) async throws {
    try await change(consumer) { state, now in
      guard state.release(lease, at: now) else { throw Objection.leaseEnded }
      return ((), [])
    }
  }

  /// Begins again from an event; what was set aside from there on comes again too.
  public func replay(_ consumer: ConsumerID, from position: Position) async throws {
    try await change(consumer, freeingFrom: position) { state, _ in
      state.replay(from: position)
      return ((), [])
    }
  }

  private func change<Answer>(
    _ consumer: ConsumerID, freeingFrom freed: Position? = nil,
    _ body: (inout ConsumerState, _ now: Timestamp) async throws -> (Answer, [SetAsideEvent])
  ) async throws -> Answer {
    for attempt in 0..<Self.conflictsMax {
      // Whoever lost to others lets them go on for a moment.
      if attempt > 0 { try await Task.sleep(for: .milliseconds(Int.random(in: 0...min(attempt * 2, 50)))) }
      guard let (before, now) = try await store.state(of: consumer) else { throw Objection.unknownConsumer }
      var after = before
      let (answer, setAside) = try await body(&after, now)
      if after == before, setAside.isEmpty, freed == nil { return answer }
      let isKept = try await store.keep(
        after, changedFrom: before, setAside: setAside, freeingFrom: freed, of: consumer)
      if isKept { return answer }
    }
    throw Objection.contended
  }

  private static func newID(at time: Timestamp) -> EntityID {
    EntityID(
      millisecondsSinceEpoch: time.microsecondsSinceEpoch / 1000, randomHigh: .random(in: .min ... .max),
      randomLow: .random(in: .min ... .max))
  }
}
