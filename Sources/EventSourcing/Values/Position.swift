/// The place of an event in its log, from 0 without gaps; also its leaf index in the log's Merkle tree.
public struct Position: Hashable, Comparable, Sendable {
  public let value: Int64

  public init(_ value: Int64) { self.value = value }

  public static func < (left: Position, right: Position) -> Bool { left.value < right.value }

  /// The size of the log whose last event stands here.
  public var sizeIncluding: LogSize { LogSize(value + 1) }

  /// Reads what `padded` writes.
  public init?(padded text: String) {
    var text = text
    guard let position = text.withUTF8({ Position(padded: $0) }) else { return nil }
    self = position
  }

  init?(padded text: UnsafeBufferPointer<UInt8>) {
    guard text.count == PaddedPosition.textLength, let value = text.decimal else { return nil }
    self.value = value
  }

  /// Sixteen decimal digits: the CloudEvents `id` and `sequence` of the event.
  public var padded: PaddedPosition { PaddedPosition(value: value) }
}

/// A position as the log and the feeds name it: sixteen decimal digits.
public struct PaddedPosition: FixedPlainText {
  let value: Int64

  public static let textLength = 16

  public func write(into buffer: UnsafeMutableBufferPointer<UInt8>) {
    buffer.put(value, at: 0, digits: Self.textLength)
  }
}

/// How many events a log holds: positions `0 ..< value`.
public struct LogSize: Hashable, Comparable, Sendable {
  public static let zero = LogSize(0)

  public let value: Int64

  public init(_ value: Int64) { self.value = value }

  public static func < (left: LogSize, right: LogSize) -> Bool { left.value < right.value }

  /// The position of the last event, nil for an empty log.
  public var lastPosition: Position? { value > 0 ? Position(value - 1) : nil }

  /// The position that the next event gets.
  public var nextPosition: Position { Position(value) }
}
