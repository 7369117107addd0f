public import EventSourcing

/// How far the deliveries of one webhook have come.
public struct DeliveryState: Hashable, Sendable {
  public enum Status: String, Sendable {
    case active
    /// Given up after the whole schedule; goes on when somebody replays.
    case parked
    /// The receiver said that it is gone for good (410); goes on when somebody replays.
    case disabled
  }

  /// The first event that is neither delivered nor set aside.
  public var next = Position(0)
  public var status = Status.active
  /// Attempts in a row that the receiver did not take; once it answers again, only its rejections of one event.
  public var failures = 0
  /// Nothing is sent before this time.
  public var notBefore: Timestamp?
  /// Why the last attempt failed.
  public var reason: String?
  /// How fast the receiver lets itself be delivered to, once it was asked.
  public var consent: DeliveryConsent?
  /// Counts replays: what was under way when one begins does not count any more.
  public var revision = 0

  public init() {}
}

/// What a receiver grants that was asked whether it wants deliveries (CloudEvents 1.0, HTTP 1.1 Web Hooks, 4).
public enum DeliveryConsent: Hashable, Sendable {
  case unlimited
  case perMinute(Int)

  /// As the header `WebHook-Allowed-Rate` has it: `*` or a positive number of requests a minute.
  public init?(rate text: String) {
    if text == "*" {
      self = .unlimited
    } else if let rate = Int(text), rate > 0 {
      self = .perMinute(rate)
    } else {
      return nil
    }
  }

  public var rate: String {
    switch self {
    case .unlimited: "*"
    case .perMinute(let rate): String(rate)
    }
  }
}

/// What came of asking a receiver.
public enum Handshake: Hashable, Sendable {
  case consented(DeliveryConsent)
  /// It does not consent, or cannot be reached.
  case failed(reason: String)

  /// What an answer means: a status by itself is no consent.
  public init(status: Int, allowedOrigin: String?, allowedRate: String?, askedBy origin: String) {
    let isMeant = allowedOrigin.map { $0 == "*" || $0.lowercased() == origin.lowercased() } ?? false
    guard (200..<300).contains(status), isMeant, let consent = allowedRate.flatMap({ DeliveryConsent(rate: $0) })
    else {
      self = .failed(reason: "the receiver does not consent (it answered \(status))")
      return
    }
    self = .consented(consent)
  }
}

/// What became of one attempt.
public enum DeliveryOutcome: Hashable, Sendable {
  /// Any 2xx.
  case delivered(status: Int)
  /// The receiver does not want this event: other 3xx and 4xx.
  case rejected(status: Int)
  /// The receiver asks for time: 429, 502, 503, 504, and any other 5xx that says for how long.
  case throttled(status: Int, seconds: Int?)
  /// 410.
  case gone
  /// Nothing came of it: no connection, no answer in time, other 5xx.
  case unreachable(reason: String, status: Int?)
  /// The egress guard would not let it go out.
  case forbidden(reason: String)

  /// What an HTTP answer means (Standard Webhooks 1.0).
  /// - Parameter retryAfter: the seconds that it asks for, if it does.
  public init(status: Int, retryAfter: Int?) {
    self =
      switch status {
      case 200..<300: .delivered(status: status)
      case 410: .gone
      case 429, 502, 503, 504: .throttled(status: status, seconds: retryAfter)
      case 500... where retryAfter != nil: .throttled(status: status, seconds: retryAfter)
      case 500...: .unreachable(reason: "the receiver answered \(status)", status: status)
      default: .rejected(status: status)
      }
  }

  public var status: Int? {
    switch self {
    case .delivered(let status), .rejected(let status), .throttled(let status, _): status
    case .gone: 410
    case .unreachable(_, let status): status
    case .forbidden: nil
    }
  }

  public var name: String {
    switch self {
    case .delivered: "delivered"
    case .rejected: "rejected"
    case .throttled: "throttled"
    case .gone: "gone"
    case .unreachable: "unreachable"
    case .forbidden: "forbidden"
    }
  }
}

/// When it is tried again, and when no more.
public struct DeliverySchedule: Sendable {
  /// Seconds after the first, second … failed attempt; after the last one the webhook is parked: in all about 75 hours.
  public var delays = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
  /// Longest wait that a receiver may ask for, in seconds.
  public var retryAfterMax = 86_400
  /// Attempts after which an event that the receiver rejects is set aside, with those after it about the same subject.
  public var rejectionsMax = 3
  /// Every delay is stretched or shortened by up to this share, so that not all come back at once.
  public var jitter = 0.1

  public init() {}

  /// What an outcome makes of the state of a webhook whose next event it was.
  /// - Parameters:
  ///   - attempts: how often this event was rejected, this time included.
  ///   - chance: from 0 to 1, for the jitter.
  public func apply(
    _ outcome: DeliveryOutcome, attempts: Int, to state: inout DeliveryState, at now: Timestamp, chance: Double
  ) -> Verdict {
    switch outcome {
    case .delivered:
      state.failures = 0
      state.notBefore = nil
      state.reason = nil
      return .done
    case .gone:
      state.status = .disabled
      state.reason = "the receiver answered 410"
      return .hold
    case .rejected(let status) where attempts >= rejectionsMax:
      state.failures = 0
      state.notBefore = nil
      state.reason = "the receiver answered \(status)"
      return .setAside
    case .rejected(let status):
      // It answers, so an outage before is over: only its own rejections count, and they never park the webhook.
      state.failures = min(attempts, delays.count) - 1
      fail("the receiver answered \(status)", after: nil, &state, now, chance)
    case .throttled(let status, let seconds):
      fail("the receiver answered \(status)", after: seconds, &state, now, chance)
    case .unreachable(let reason, _), .forbidden(let reason): fail(reason, after: nil, &state, now, chance)
    }
    return .hold
  }

  public enum Verdict: Sendable { case done, hold, setAside }

  private func fail(
    _ reason: String, after asked: Int?, _ state: inout DeliveryState, _ now: Timestamp, _ chance: Double
  ) {
    state.reason = reason
    guard state.failures < delays.count else {
      state.status = .parked
      state.notBefore = nil
      return
    }
    let delay = Double(delays[state.failures]) * (1 + jitter * (2 * chance - 1))
    let seconds = max(delay, Double(min(asked ?? 0, retryAfterMax)))
    state.failures += 1
    state.notBefore = Timestamp(microsecondsSinceEpoch: now.microsecondsSinceEpoch + Int64(seconds * 1_000_000))
  }
}

/// One attempt, as both sides may look it up.
public struct DeliveryAttempt: Hashable, Sendable {
  public let position: Position
  public let attemptedAt: Timestamp
  public let milliseconds: Int
  public let outcome: String
  public let status: Int?

  public init(position: Position, attemptedAt: Timestamp, milliseconds: Int, outcome: String, status: Int?) {
    self.position = position
    self.attemptedAt = attemptedAt
    self.milliseconds = milliseconds
    self.outcome = outcome
    self.status = status
  }
}

/// An event that was set aside.
public struct ParkedDelivery: Hashable, Sendable {
  public let position: Position
  public let subject: String
  public let reason: String

  public init(position: Position, subject: String, reason: String) {
    self.position = position
    self.subject = subject
    self.reason = reason
  }
}

/// Sends one delivery.
public protocol WebhookTransport: Sendable {
  /// Posts a CloudEvent; the answer's body is never looked at. Never throws: whatever happens is an outcome.
  func post(
    _ body: [UInt8], to address: String, fields: [(name: String, value: String)]
  ) async -> DeliveryOutcome

  /// Asks whether the receiver wants deliveries, with OPTIONS. Never throws.
  func ask(_ address: String, as origin: String, perMinute: Int) async -> Handshake
}
