internal import EventSourcing
internal import Synchronization

/// The store's clock as this server estimates it: its own clock plus the difference seen at the last append.
final class StoreClock: Sendable {
  private let localTime: @Sendable () -> Timestamp
  private let skewMaxMicroseconds: Int64
  /// The last comparison of the clocks: the difference, and when it was by this server's clock and by one nobody sets.
  private let compared = Mutex<(offset: Int64, local: Timestamp, instant: ContinuousClock.Instant)?>(nil)

  init(localTime: @escaping @Sendable () -> Timestamp, skewMax: Duration) {
    self.localTime = localTime
    let (seconds, attoseconds) = skewMax.components
    skewMaxMicroseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }

  /// Nil until the store was asked once.
  var estimate: Timestamp? {
    compared.withLock { $0 }.map { localTime().advanced(byMicroseconds: $0.offset) }
  }

  /// Whether the two clocks agree well enough to write, and this server's was not set since they were compared.
  var isTrustworthy: Bool {
    guard let compared = compared.withLock({ $0 }) else { return false }
    let (seconds, attoseconds) = compared.instant.duration(to: .now).components
    let passed = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    let jump = localTime().microsecondsSinceEpoch - compared.local.microsecondsSinceEpoch - passed
    return abs(compared.offset) <= skewMaxMicroseconds && abs(jump) <= skewMaxMicroseconds
  }

  func observe(_ storeTime: Timestamp) {
    let local = localTime()
    compared.withLock { $0 = (storeTime.microsecondsSinceEpoch - local.microsecondsSinceEpoch, local, .now) }
  }
}
