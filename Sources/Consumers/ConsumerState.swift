public import EventSourcing

/// How far a named consumer of a feed has come, and which of its events its workers have in hand.
///
/// Several workers share one consumer. Each leases some events, works on them in their order, and says how far it got
/// (`ack`) or what it could not do (`nack`). Order is kept for each subject: an event is handed out only when every
/// earlier one about the same subject is finished, or is in the same lease before it. What is set aside is never
/// overtaken: all that follows about its subject is set aside too, until somebody replays.
///
/// At least once: a lease that runs out gives its events back. A worker that has been slower than its lease may still
/// finish them as long as nobody else was given them.
public struct ConsumerState: Hashable, Sendable {
  /// Events that one worker has for a time.
  public struct Lease: Hashable, Sendable {
    public let id: EntityID
    public let worker: String
    public var until: Timestamp

    public init(id: EntityID, worker: String, until: Timestamp) {
      self.id = id
      self.worker = worker
      self.until = until
    }
  }

  /// An event at or after `next` that is not as it came from the feed.
  public struct Entry: Hashable, Sendable {
    public enum Status: Hashable, Sendable {
      case leased(Lease)
      /// Given back; not handed out before this time.
      case waiting(until: Timestamp)
      /// Finished or set aside, though an earlier one is not.
      case done
    }

    public let subject: String
    public var status: Status
    /// How often it was given back by a worker, or by a lease that ran out.
    public var failures: Int
    /// Why it was given back last.
    public var reason: String?

    public init(subject: String, status: Status, failures: Int = 0, reason: String? = nil) {
      self.subject = subject
      self.status = status
      self.failures = failures
      self.reason = reason
    }

    public var lease: Lease? { if case .leased(let lease) = status { lease } else { nil } }
  }

  /// Events beyond the first unfinished one that may be in hand: as many as a consumer remembers.
  public static let windowMax = 1024
  /// Failures after which an event is set aside.
  public static let failuresMax = 10

  /// The first event that is neither finished nor set aside.
  public private(set) var next = Position(0)
  public private(set) var entries: [Position: Entry] = [:]
  /// Counts changes, from a random number on; a store keeps a change only on top of the state that it was made from.
  public var revision: Int

  public init(next: Position = Position(0), entries: [Position: Entry] = [:], revision: Int = 0) {
    self.next = next
    self.entries = entries
    self.revision = revision
  }

  // MARK: Handing out

  /// Gives a worker the next events that it may have.
  ///
  /// What the worker still holds is given back first, as failed: a worker has one lease, and one that asks again has
  /// lost its answer or was started anew. A request that has waited already gets nothing then: a newer one of the same
  /// worker has the lease. An event that failed before is handed out alone, so that one that kills its
  /// workers is found and set aside.
  /// - Parameters:
  ///   - events: the feed's from `next` on, in order, as many as may be handed out.
  ///   - parked: of each subject of which something was parked the first event that was.
  ///   - countMax: at least 1.
  ///   - hasWaited: whether the same request has been answered with nothing before.
  /// - Returns: the positions, in order, whether more events could add any, and what was set aside on the way.
  public mutating func lease(
    _ events: [(position: Position, subject: String)], as lease: Lease, countMax: Int, parked: [String: Position],
    hasWaited: Bool = false, at now: Timestamp
  ) -> (positions: [Position], isFull: Bool, setAside: [SetAsideEvent]) {
    var setAside = giveBack(at: now, because: "the lease ran out:") { $0.until <= now }
    if hasWaited, entries.values.contains(where: { $0.lease?.worker == lease.worker }) { return ([], true, setAside) }
    setAside += giveBack(at: now, because: "asked again before it was done:") { $0.worker == lease.worker }
    let parked = parked.merging(setAside.map { ($0.subject, $0.position) }, uniquingKeysWith: { min($0, $1) })
    var blocked: Set<String> = []
    var taken: [Position] = []
    var isFull = false
    for (position, subject) in events where taken.count < countMax && position >= next {
      guard position.value < next.value + Int64(Self.windowMax) else { break }
      let entry = entries[position]
      if entry?.status == .done { continue }
      if entry?.lease != nil {
        blocked.insert(subject)
      } else if let first = parked[subject], first < position {
        setAside.append(SetAsideEvent(position: position, subject: subject, outcome: .parked, .afterAnother))
        entries[position] = Entry(subject: subject, status: .done)
      } else if blocked.contains(subject) {
        continue
      } else if case .waiting(let until)? = entry?.status, until > now {
        blocked.insert(subject)
      } else if let failures = entry?.failures, failures > 0, !taken.isEmpty {
        blocked.insert(subject)
      } else {
        taken.append(position)
        entries[position] = Entry(
          subject: subject, status: .leased(lease), failures: entry?.failures ?? 0, reason: entry?.reason)
        isFull = taken.count == countMax || entry?.failures ?? 0 > 0
        if isFull { break }
      }
    }
    advance()
    return (taken, isFull, setAside)
  }

  /// What was given back and waits, in order.
  public var waiting: [(position: Position, entry: Entry)] {
    entries.filter { if case .waiting = $0.value.status { true } else { false } }
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Gives back, as failed, what leases hold that end now.
  private mutating func giveBack(
    at now: Timestamp, because reason: String, where isOver: (Lease) -> Bool
  ) -> [SetAsideEvent] {
    var setAside: [SetAsideEvent] = []
    for (position, entry) in entries.sorted(by: { $0.key < $1.key }) {
      guard let lease = entry.lease, isOver(lease) else { continue }
      setAside += fail(position, "\(reason) \(lease.worker)", retryAt: now)
    }
    return setAside
  }

  // MARK: What workers say

  /// Finishes all events of a lease up to a position.
  /// - Returns: false when the lease has none: it has ended.
  public mutating func ack(_ lease: EntityID, through last: Position) -> Bool {
    let held = positions(of: lease)
    guard !held.isEmpty else { return false }
    for position in held where position <= last { entries[position]?.status = .done }
    advance()
    return true
  }

  /// What becomes of an event that a worker could not do.
  public enum Nack: Hashable, Sendable {
    /// It is handed out again, not before so many seconds.
    case retry(afterSeconds: Int)
    /// It is set aside, with all that follows about its subject.
    case park
    /// It is passed over.
    case skip
  }

  /// Gives back one event of a lease with the reason. Those after it about the same subject go back too, unless it is
  /// passed over.
  /// - Returns: what was set aside; nil when the lease does not hold the event: it has ended.
  public mutating func nack(
    _ lease: EntityID, _ position: Position, _ nack: Nack, reason: String, at now: Timestamp
  ) -> [SetAsideEvent]? {
    guard let entry = entries[position], entry.lease?.id == lease else { return nil }
    let later = positions(of: lease).filter { $0 > position && entries[$0]?.subject == entry.subject }
    defer { advance() }
    switch nack {
    case .retry(let seconds):
      for position in later { entries[position] = nil }
      return fail(position, reason, retryAt: now.adding(seconds: seconds))
    case .park:
      return [setAside(position, .parked, reason)] + later.map { setAside($0, .parked, .afterAnother) }
    case .skip:
      return [setAside(position, .skipped, reason)]
    }
  }

  /// Lets a worker keep what it has for longer.
  /// - Returns: false when the lease has ended.
  public mutating func extend(_ lease: EntityID, until time: Timestamp) -> Bool {
    let held = positions(of: lease)
    for position in held {
      guard var own = entries[position]?.lease else { continue }
      own.until = time
      entries[position]?.status = .leased(own)
    }
    return !held.isEmpty
  }

  /// Takes back what a worker has not done, which is no failure of it.
  /// - Returns: false when the lease has ended.
  public mutating func release(_ lease: EntityID, at now: Timestamp) -> Bool {
    let held = positions(of: lease)
    for position in held {
      let isNew = entries[position]?.failures == 0
      if isNew { entries[position] = nil } else { entries[position]?.status = .waiting(until: now) }
    }
    return !held.isEmpty
  }

  /// Begins again from an event; leases end.
  public mutating func replay(from position: Position) {
    next = position
    entries = [:]
  }

  // MARK: -

  private func positions(of lease: EntityID) -> [Position] {
    entries.filter { $0.value.lease?.id == lease }.keys.sorted()
  }

  private mutating func fail(_ position: Position, _ reason: String, retryAt time: Timestamp) -> [SetAsideEvent] {
    guard var entry = entries[position] else { return [] }
    entry.failures += 1
    entry.reason = reason
    entry.status = .waiting(until: time)
    entries[position] = entry
    guard entry.failures >= Self.failuresMax else { return [] }
    return [setAside(position, .parked, "failed \(entry.failures) times: \(reason)")]
  }

  private mutating func setAside(
    _ position: Position, _ outcome: SetAsideEvent.Outcome, _ reason: String
  ) -> SetAsideEvent {
    entries[position]?.status = .done
    return SetAsideEvent(
      position: position, subject: entries[position]?.subject ?? "", outcome: outcome, reason)
  }

  private mutating func advance() {
    while entries[next]?.status == .done {
      entries[next] = nil
      next = next.sizeIncluding.nextPosition
    }
  }
}

/// An event that a consumer did not do.
public struct SetAsideEvent: Hashable, Sendable {
  public enum Outcome: String, Sendable {
    /// It and all that follows about its subject wait until somebody replays.
    case parked
    /// It was passed over; what follows went on.
    case skipped
  }

  public let position: Position
  public let subject: String
  public let outcome: Outcome
  public let reason: String

  public init(position: Position, subject: String, outcome: Outcome, _ reason: String) {
    self.position = position
    self.subject = subject
    self.outcome = outcome
    self.reason = reason
  }
}

extension Timestamp {
  func adding(seconds: Int) -> Timestamp {
    Timestamp(microsecondsSinceEpoch: microsecondsSinceEpoch + Int64(seconds) * 1_000_000)
  }
}

extension String {
  fileprivate static let afterAnother = "an earlier event about the subject was set aside"
}
