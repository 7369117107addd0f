public import Coordination
public import EventSourcing
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// The limits of deliveries.
public struct WebhookConfiguration: Sendable {
  /// Events in hand for one webhook at a time.
  public var waveCountMax = 64
  /// Connections to one receiver at a time; events about one subject never go side by side.
  public var inFlightMax = 16
  /// Requests a minute that a receiver is asked to allow, where it is asked; what it allows counts.
  public var perMinuteWished = 60_000
  /// How often it is looked whether webhooks came or went, and whether a wait is over.
  public var lookInterval: Duration = .seconds(1)
  /// Pause after the store failed.
  public var storeRetryPause: Duration = .seconds(1)
  public var schedule = DeliverySchedule()

  public init() {}
}

/// Delivers the events of feeds to the addresses that asked for them.
///
/// Each event is delivered at least once and known by its id; those about one subject arrive in order. Where a webhook
/// stands is kept after each wave of deliveries: after a crash at most that wave is delivered again. A receiver that
/// does not answer is asked again by the schedule, with one event; nobody else waits for it.
public struct WebhookService: Service {
  private let feeds: any EventLog
  private let store: any DeliveryStore
  private let transport: any WebhookTransport
  private let keys: WebhookKeys
  private let origin: String
  private let configuration: WebhookConfiguration
  /// The plans that are in memory, as they are now.
  private let plans: @Sendable () -> [Plan]
  private let now: @Sendable () -> Timestamp
  private let logger: Logger

  /// - Parameter origin: by which name receivers that are asked first know this system.
  public init(
    feeds: any EventLog, store: any DeliveryStore, transport: any WebhookTransport, keys: WebhookKeys, origin: String,
    configuration: WebhookConfiguration = WebhookConfiguration(), plans: @escaping @Sendable () -> [Plan],
    now: @escaping @Sendable () -> Timestamp, logger: Logger
  ) {
    self.feeds = feeds
    self.store = store
    self.transport = transport
    self.keys = keys
    self.origin = origin
    self.configuration = configuration
    self.plans = plans
    self.now = now
    self.logger = logger
  }

  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do { try await self.store.whileDelivering { await self.deliverAll() } } catch {
          self.logger.debug("webhooks wait", metadata: ["reason": "\(error)"])
        }
        await self.pause(self.configuration.storeRetryPause)
      }
    }
  }

  /// What has to be known of a webhook to deliver to it; nil when nothing is to be delivered, for now or for good.
  private func errand(_ id: WebhookID) -> Errand? {
    guard let plan = plans().first(where: { $0.id == id.plan }),
      let webhook = plan.webhooks.first(where: { $0.id == id.id }), !webhook.isRemoved,
      let address = webhook.address, let feed = plan.feeds.first(where: { $0.id == webhook.feed }),
      let partner = plan.partners.first(where: { $0.id == feed.partner }), !partner.isSuspended
    else { return nil }
    return Errand(
      id: id, address: address.text, log: LogID(plan: plan.id, name: feed.logName), generation: webhook.generation,
      asksFirst: webhook.asksFirst)
  }

  private struct Errand: Sendable {
    let id: WebhookID
    let address: String
    let log: LogID
    /// Of the secret that signs.
    let generation: Int
    let asksFirst: Bool
  }

  private func deliverAll() async {
    let working = Working()
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        for plan in plans() {
          for webhook in plan.webhooks {
            let id = WebhookID(plan: plan.id, id: webhook.id)
            guard errand(id) != nil, working.begin(id) else { continue }
            group.addTask {
              await self.deliver(id)
              working.end(id)
            }
          }
        }
        await pause(configuration.lookInterval)
      }
      group.cancelAll()
    }
  }

  private func pause(_ duration: Duration) async {
    // Cancellation ends the pause early, which is all that its error says.
    try? await Task.sleep(for: duration)
  }

  // MARK: One webhook

  /// What is known of the events in hand besides what is kept.
  private struct Memory {
    var revision = -1
    /// Delivered already, though an earlier one is not.
    var ahead: Set<Position> = []
    /// How often each was rejected.
    var rejections: [Position: Int] = [:]
    var parkedSubjects: Set<String> = []
    /// What the receiver still allows, where it counts.
    var pace = DeliveryPace()
  }

  private func deliver(_ id: WebhookID) async {
    var memory = Memory()
    while !Task.isCancelled, let errand = errand(id) {
      do {
        let state = try await store.state(of: id)
        if state.revision != memory.revision {
          let pace = memory.pace
          memory = Memory(revision: state.revision, parkedSubjects: try await store.parkedSubjects(of: id), pace: pace)
        }
        let isDue = state.status == .active && state.notBefore.map { $0 <= now() } ?? true
        if isDue, errand.asksFirst, state.consent == nil {
          if try await ask(errand, state) { continue }
        } else if isDue, try await wave(errand, state, &memory) {
          continue
        }
      } catch {
        logger.debug("a webhook waits", metadata: ["webhook": "\(id.id)", "reason": "\(error)"])
      }
      await waitForMore(errand.log)
    }
  }

  /// Until the feed may have grown, or it is time to look again.
  private func waitForMore(_ log: LogID) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        // A store that fails now is asked again after the pause.
        try? await self.feeds.withGrowthHints(of: log) { hints in for await _ in hints { return } }
      }
      group.addTask { await self.pause(self.configuration.lookInterval) }
      await group.next()
      group.cancelAll()
    }
  }

  /// Asks a receiver whether it wants deliveries; without its consent it is asked again by the schedule.
  private func ask(_ errand: Errand, _ before: DeliveryState) async throws -> Bool {
    var state = before
    switch await transport.ask(errand.address, as: origin, perMinute: configuration.perMinuteWished) {
    case .consented(let consent):
      (state.consent, state.failures, state.notBefore, state.reason) = (consent, 0, nil, nil)
    case .failed(let reason):
      _ = configuration.schedule.apply(
        .unreachable(reason: reason, status: nil), attempts: 1, to: &state, at: now(), chance: .random(in: 0...1))
    }
    return try await store.keep(state, attempts: [], parked: [], of: errand.id) && state.consent != nil
  }

  /// Delivers the next events, and keeps what became of them; false when there was nothing to do, or no more for now.
  private func wave(_ errand: Errand, _ before: DeliveryState, _ memory: inout Memory) async throws -> Bool {
    // A receiver that failed is tried with one event; when it has that, the others follow.
    let room = memory.pace.room(for: before.consent, at: now())
    let count = min(before.failures > 0 ? 1 : configuration.waveCountMax, room)
    guard count > 0 else { return false }
    let events = try await feeds.events(of: errand.log, matching: EventQuery(from: before.next, limit: count))
    guard !events.isEmpty else { return false }
    let known = memory
    let open = events.filter { !known.ahead.contains($0.position) && !known.parkedSubjects.contains($0.subject) }
    let (attempts, outcomes) = await attempt(open, errand, keys.generations(upTo: errand.generation, of: errand.id.id))
    memory.pace.note(attempts.count)
    var state = before
    var rejected: [Position: String] = [:]
    for event in events {
      let position = event.position
      if memory.ahead.contains(position) || memory.parkedSubjects.contains(event.subject) { continue }
      // Not tried, because one before it about the same subject was not taken.
      guard let outcome = outcomes[position] else { continue }
      if case .rejected = outcome { memory.rejections[position, default: 0] += 1 }
      var own = state
      let verdict = configuration.schedule.apply(
        outcome, attempts: memory.rejections[position] ?? 1, to: &own, at: now(), chance: .random(in: 0...1))
      switch verdict {
      case .done: memory.ahead.insert(position)
      case .setAside:
        memory.parkedSubjects.insert(event.subject)
        rejected[position] = own.reason
      // The first that was not taken says how it goes on.
      case .hold where state.notBefore == before.notBefore && state.status == .active: state = own
      case .hold: break
      }
    }
    let passed = events.prefix { memory.ahead.contains($0.position) || memory.parkedSubjects.contains($0.subject) }
    let parked = passed.filter { !memory.ahead.contains($0.position) }.map { event in
      ParkedDelivery(
        position: event.position, subject: event.subject,
        reason: rejected[event.position] ?? "an earlier event about the subject was set aside")
    }
    let isHeld = state != before
    if let last = passed.last { state.next = last.position.sizeIncluding.nextPosition }
    if !isHeld { (state.failures, state.notBefore, state.reason) = (0, nil, nil) }
    guard try await store.keep(state, attempts: attempts, parked: parked, of: errand.id) else {
      memory.revision = -1
      return true
    }
    for event in passed {
      memory.ahead.remove(event.position)
      memory.rejections[event.position] = nil
    }
    return !isHeld
  }

  /// Tries each event once; those about one subject one after the other, and none after one that was not taken.
  private func attempt(
    _ events: [StoredEvent], _ errand: Errand, _ keys: [WebhookKeys.Generation]
  ) async -> ([DeliveryAttempt], [Position: DeliveryOutcome]) {
    var bySubject: [String: [StoredEvent]] = [:]
    for event in events { bySubject[event.subject, default: []].append(event) }
    return await withTaskGroup(of: [(DeliveryAttempt, DeliveryOutcome)].self) { group in
      var waiting = Array(bySubject.values)
      var results: [(DeliveryAttempt, DeliveryOutcome)] = []
      for _ in 0..<configuration.inFlightMax {
        guard let next = waiting.popLast() else { break }
        group.addTask { await self.inOrder(next, errand, keys) }
      }
      while let done = await group.next() {
        results += done
        if let next = waiting.popLast() { group.addTask { await self.inOrder(next, errand, keys) } }
      }
      let attempts = results.map(\.0).sorted { $0.position < $1.position }
      return (attempts, Dictionary(results.map { ($0.0.position, $0.1) }, uniquingKeysWith: { $1 }))
    }
  }

  private func inOrder(
    _ events: [StoredEvent], _ errand: Errand, _ keys: [WebhookKeys.Generation]
  ) async -> [(DeliveryAttempt, DeliveryOutcome)] {
    var results: [(DeliveryAttempt, DeliveryOutcome)] = []
    for event in events {
      let (began, clock) = (now(), ContinuousClock.now)
      let signature = WebhookSignature(
        event.body, id: event.position.padded.description, timestamp: Int(began.microsecondsSinceEpoch / 1_000_000),
        keys: keys)
      let fields = signature.fields + [("content-type", "application/cloudevents+json; charset=utf-8")]
      let outcome = await transport.post(event.body, to: errand.address, fields: fields)
      let took = (ContinuousClock.now - clock).components
      let attempt = DeliveryAttempt(
        position: event.position, attemptedAt: began,
        milliseconds: Int(took.seconds * 1000 + took.attoseconds / 1_000_000_000_000_000), outcome: outcome.name,
        status: outcome.status)
      results.append((attempt, outcome))
      guard case .delivered = outcome else { break }
    }
    return results
  }
}

/// The webhooks that somebody is at work on.
private final class Working: Sendable {
  private let webhooks = Mutex<Set<WebhookID>>([])

  func begin(_ webhook: WebhookID) -> Bool { webhooks.withLock { $0.insert(webhook).inserted } }

  func end(_ webhook: WebhookID) { webhooks.withLock { _ = $0.remove(webhook) } }
}

/// Keeps to what a receiver allows a minute, evenly and not all at its beginning.
struct DeliveryPace {
  /// The most requests that may follow each other at once.
  private static let burstMax = 16.0

  private var room = 0.0
  private var last: Timestamp?

  /// How many requests may be made now.
  mutating func room(for consent: DeliveryConsent?, at now: Timestamp) -> Int {
    guard case .perMinute(let rate)? = consent else { return .max }
    let burst = min(Double(rate), Self.burstMax)
    let passed = last.map { Double(now.microsecondsSinceEpoch - $0.microsecondsSinceEpoch) / 60_000_000 }
    room = passed.map { min(room + max($0, 0) * Double(rate), burst) } ?? burst
    last = now
    return Int(max(room, 0))
  }

  mutating func note(_ requests: Int) { room -= Double(requests) }
}
