/// A list that only grows, and whose copies share structure: a snapshot costs nothing, and appending to one list
/// afterwards copies at most one chunk, however long the list has become. What is inlinable is read in every fold.
public struct AppendList<Element: Hashable & Sendable>: RandomAccessCollection, Hashable, Sendable {
  /// Elements in a chunk, and chunks in a block.
  @usableFromInline static var length: Int { 32 }

  /// Full blocks of full chunks, then the full chunks of the last block, then what fills the last chunk. With one level
  /// less, every chunk of a long list would be counted again whenever one is added after a snapshot.
  @usableFromInline private(set) var blocks: [[[Element]]] = []
  @usableFromInline private(set) var chunks: [[Element]] = []
  @usableFromInline private(set) var tail: [Element] = []

  public init() {}

  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { count }
  @inlinable public var count: Int { (blocks.count * Self.length + chunks.count) * Self.length + tail.count }

  public internal(set) subscript(index: Int) -> Element {
    @inlinable get {
      let (chunk, place) = index.quotientAndRemainder(dividingBy: Self.length)
      let (block, number) = chunk.quotientAndRemainder(dividingBy: Self.length)
      if block < blocks.count { return blocks[block][number][place] }
      return number < chunks.count ? chunks[number][place] : tail[place]
    }
    set {
      let (chunk, place) = index.quotientAndRemainder(dividingBy: Self.length)
      let (block, number) = chunk.quotientAndRemainder(dividingBy: Self.length)
      if block < blocks.count {
        blocks[block][number][place] = newValue
      } else if number < chunks.count {
        chunks[number][place] = newValue
      } else {
        tail[place] = newValue
      }
    }
  }

  /// As the library's own, without its detour by way of indices.
  @inlinable public var last: Element? { isEmpty ? nil : self[count - 1] }

  public mutating func append(_ element: Element) {
    tail.append(element)
    guard tail.count == Self.length else { return }
    chunks.append(tail)
    tail = []
    guard chunks.count == Self.length else { return }
    blocks.append(chunks)
    chunks = []
  }
}
