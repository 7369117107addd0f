public import EventSourcing
public import NIOCore

/// Consecutive events of a log as blocks of an event stream, encoded once for everybody who reads them.
///
/// A block is `id: <position>`, `data: <the stored bytes>` and an empty line. The bytes of an event have no line breaks
/// in them (RFC 8785), so they are one data line, and what arrives can be hashed as it is.
public struct FeedPage: Sendable {
  public let first: Position
  /// The first position after the page.
  public private(set) var next: Position
  private var buffer = ByteBuffer()
  /// Where the block of each event begins.
  private var starts: [Int] = []

  public init(from first: Position) {
    self.first = first
    next = first
  }

  public var isEmpty: Bool { starts.isEmpty }
  public var count: Int { starts.count }
  public var byteCount: Int { buffer.readableBytes }

  mutating func append(_ entry: UnsafeRawBufferPointer) {
    starts.append(buffer.writerIndex)
    buffer.writeStaticString("id: ")
    buffer.write(next)
    buffer.writeStaticString("\ndata: ")
    buffer.writeBytes(entry)
    buffer.writeStaticString("\n\n")
    next = next.sizeIncluding.nextPosition
  }

  /// The blocks from a position of the page on.
  public func blocks(from position: Position) -> ByteBuffer {
    let index = Int(position.value - first.value)
    guard index > 0, index < starts.count else { return buffer }
    return buffer.getSlice(at: starts[index], length: buffer.writerIndex - starts[index]) ?? buffer
  }
}

extension ByteBuffer {
  mutating func write(_ position: Position) {
    writeWithUnsafeMutableBytes(minimumWritableBytes: PaddedPosition.textLength) { bytes in
      position.padded.write(into: bytes.bindMemory(to: UInt8.self))
      return PaddedPosition.textLength
    }
  }
}
