/// The place of an event in its log, from 0 without gaps; also its leaf index in the log's Merkle tree.
package struct Position: Hashable, Comparable, Sendable {
  package let value: Int64

  package init(_ value: Int64) { self.value = value }

  package static func < (left: Position, right: Position) -> Bool { left.value < right.value }

  /// The size of the log whose last event stands here.
  package var sizeIncluding: LogSize { LogSize(value + 1) }

  /// Sixteen decimal digits: the CloudEvents `id` and `sequence` of the event.
  package var padded: String {
    guard (0...9_999_999_999_999_999).contains(value) else { return String(value) }
    return String(unsafeUninitializedCapacity: 16) { buffer in
      var rest = value
      for place in stride(from: 15, through: 0, by: -1) {
        buffer[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
      return 16
    }
  }
}

/// How many events a log holds: positions `0 ..< value`.
package struct LogSize: Hashable, Comparable, Sendable {
  package static let zero = LogSize(0)

  package let value: Int64

  package init(_ value: Int64) { self.value = value }

  package static func < (left: LogSize, right: LogSize) -> Bool { left.value < right.value }

  /// The position of the last event, nil for an empty log.
  package var lastPosition: Position? { value > 0 ? Position(value - 1) : nil }

  /// The position that the next event gets.
  package var nextPosition: Position { Position(value) }
}
