internal import EventSourcing
internal import Synchronization

/// The store's clock as this server estimates it: its own clock plus the difference seen at the last append.
final class StoreClock: Sendable {
  private let localTime: @Sendable () -> Timestamp
  private let skewMaxMicroseconds: Int64
  private let offset = Mutex<Int64?>(nil)

  init(localTime: @escaping @Sendable () -> Timestamp, skewMax: Duration) {
    self.localTime = localTime
    let (seconds, attoseconds) = skewMax.components
    skewMaxMicroseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }

  /// Nil until the store was asked once.
  var estimate: Timestamp? {
    offset.withLock { $0 }.map { localTime().advanced(byMicroseconds: $0) }
  }

  /// Whether the two clocks agree well enough to write.
  var isTrustworthy: Bool { offset.withLock { $0 }.map { abs($0) <= skewMaxMicroseconds } ?? false }

  func observe(_ storeTime: Timestamp) {
    let difference = storeTime.microsecondsSinceEpoch - localTime().microsecondsSinceEpoch
    offset.withLock { $0 = difference }
  }
}
