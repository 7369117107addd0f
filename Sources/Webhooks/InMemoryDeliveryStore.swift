public import EventSourcing
internal import Synchronization

/// Deliveries in memory: for tests and dry exploration, with the promises of `DeliveryStore` except durability.
public final class InMemoryDeliveryStore: DeliveryStore {
  private struct Entry {
    var state = DeliveryState()
    var attempts: [DeliveryAttempt] = []
    var parked: [Position: ParkedDelivery] = [:]
  }

  private let entries = Mutex<[WebhookID: Entry]>([:])

  public init() {}

  public func state(of webhook: WebhookID) async throws -> DeliveryState {
    entries.withLock { $0[webhook]?.state ?? DeliveryState() }
  }

  public func keep(
    _ state: DeliveryState, attempts: [DeliveryAttempt], parked: [ParkedDelivery], of webhook: WebhookID
  ) async throws -> Bool {
    entries.withLock { entries in
      var entry = entries[webhook] ?? Entry()
      guard entry.state.revision == state.revision else { return false }
      entry.state = state
      entry.attempts += attempts
      for one in parked where entry.parked[one.position] == nil { entry.parked[one.position] = one }
      entries[webhook] = entry
      return true
    }
  }

  public func parkedSubjects(of webhook: WebhookID) async throws -> Set<String> {
    entries.withLock { Set($0[webhook]?.parked.values.map(\.subject) ?? []) }
  }

  public func parked(of webhook: WebhookID, after position: Position?, limit: Int) async throws -> [ParkedDelivery] {
    entries.withLock { entries in
      let parked = (entries[webhook]?.parked.values).map { $0.sorted { $0.position < $1.position } } ?? []
      return Array(parked.filter { one in position.map { one.position > $0 } ?? true }.prefix(limit))
    }
  }

  public func attempts(of webhook: WebhookID, limit: Int) async throws -> [DeliveryAttempt] {
    entries.withLock { Array(($0[webhook]?.attempts ?? []).reversed().prefix(limit)) }
  }

  public func replay(_ webhook: WebhookID, from position: Position) async throws {
    entries.withLock { entries in
      var entry = entries[webhook] ?? Entry()
      entry.parked = entry.parked.filter { $0.key < position }
      let revision = entry.state.revision + 1
      entry.state = DeliveryState()
      entry.state.next = position
      entry.state.revision = revision
      entries[webhook] = entry
    }
  }

  public func whileDelivering(_ body: @escaping @Sendable () async throws -> Void) async throws { try await body() }
}
