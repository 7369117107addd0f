/// The place of an event in its log, from 0 without gaps; also its leaf index in the log's Merkle tree.
package struct Position: Hashable, Comparable, Sendable {
  package let value: Int64

  package init(_ value: Int64) { self.value = value }

  package static func < (left: Position, right: Position) -> Bool { left.value < right.value }

  /// The size of the log whose last event stands here.
  package var sizeIncluding: LogSize { LogSize(value + 1) }

  /// Reads what `padded` writes.
  package init?(padded text: String) {
    var text = text
    guard let position = text.withUTF8({ Position(padded: $0) }) else { return nil }
    self = position
  }

  init?(padded text: UnsafeBufferPointer<UInt8>) {
    guard text.count == PaddedPosition.textLength, let value = text.decimal else { return nil }
    self.value = value
  }

  /// Sixteen decimal digits: the CloudEvents `id` and `sequence` of the event.
  package var padded: PaddedPosition { PaddedPosition(value: value) }
}

/// A position as the log and the feeds name it: sixteen decimal digits.
package struct PaddedPosition: FixedPlainText {
  let value: Int64

  package static let textLength = 16

  package func write(into buffer: UnsafeMutableBufferPointer<UInt8>) {
    buffer.put(value, at: 0, digits: Self.textLength)
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
