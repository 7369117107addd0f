public import EventSourcing
internal import Synchronization

/// Consumers in memory: for tests and dry exploration, with the promises of `ConsumerStore` except durability.
public final class InMemoryConsumerStore: ConsumerStore {
  private struct Consumer {
    var state: ConsumerState
    var setAside: [Position: SetAsideEvent] = [:]
  }

  private let consumers = Mutex<[ConsumerID: Consumer]>([:])
  private let clock: @Sendable () -> Timestamp

  public init(clock: @escaping @Sendable () -> Timestamp) { self.clock = clock }

  public func names(of log: LogID) async throws -> [String] {
    consumers.withLock { $0.keys.filter { $0.log == log }.map(\.name).sorted() }
  }

  public func create(_ consumer: ConsumerID, at position: Position) async throws -> Bool {
    consumers.withLock { consumers in
      guard consumers[consumer] == nil else { return false }
      consumers[consumer] = Consumer(state: ConsumerState(next: position, revision: .random(in: 0..<(1 << 52))))
      return true
    }
  }

  public func delete(_ consumer: ConsumerID) async throws -> Bool {
    consumers.withLock { $0.removeValue(forKey: consumer) != nil }
  }

  public func state(of consumer: ConsumerID) async throws -> (state: ConsumerState, now: Timestamp)? {
    consumers.withLock { $0[consumer]?.state }.map { ($0, clock()) }
  }

  public func keep(
    _ after: ConsumerState, changedFrom before: ConsumerState, setAside: [SetAsideEvent], freeingFrom freed: Position?,
    of consumer: ConsumerID
  ) async throws -> Bool {
    consumers.withLock { consumers in
      guard var own = consumers[consumer], own.state.revision == before.revision else { return false }
      own.state = after
      own.state.revision = before.revision + 1
      if let freed { own.setAside = own.setAside.filter { $0.key < freed } }
      for event in setAside where own.setAside[event.position] == nil { own.setAside[event.position] = event }
      consumers[consumer] = own
      return true
    }
  }

  public func parkedSubjects(of consumer: ConsumerID) async throws -> [String: Position] {
    consumers.withLock { consumers in
      let parked = consumers[consumer]?.setAside.values.filter { $0.outcome == .parked } ?? []
      return Dictionary(parked.map { ($0.subject, $0.position) }, uniquingKeysWith: { min($0, $1) })
    }
  }

  public func setAside(of consumer: ConsumerID, limit: Int) async throws -> [SetAsideEvent] {
    consumers.withLock { consumers in
      let all = (consumers[consumer]?.setAside.values).map { $0.sorted { $0.position > $1.position } } ?? []
      return Array(all.prefix(limit))
    }
  }
}
