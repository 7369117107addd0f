/// Bytes that are read once, from the first on.
public protocol ByteInput: Sendable {
  /// The next bytes; fewer than asked for only at the end.
  mutating func read(_ count: Int) async throws -> [UInt8]
}

/// Bytes that are written once, in order.
public protocol ByteOutput: Sendable {
  mutating func write(_ bytes: [UInt8]) async throws
}

/// Bytes that lie in memory.
public struct MemoryInput: ByteInput {
  private let bytes: [UInt8]
  private var offset = 0

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public mutating func read(_ count: Int) -> [UInt8] {
    let end = min(bytes.count, offset + count)
    defer { offset = end }
    return Array(bytes[offset..<end])
  }
}
