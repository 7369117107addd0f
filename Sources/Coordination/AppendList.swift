/// A list that only grows, and whose copies share structure: a snapshot costs nothing, and appending to one list
/// afterwards copies at most one chunk, however long the list has become.
package struct AppendList<Element: Hashable & Sendable>: RandomAccessCollection, Hashable, Sendable {
  private static var chunkLength: Int { 32 }

  private var chunks: [[Element]] = []
  private var tail: [Element] = []

  package init() {}

  package var startIndex: Int { 0 }
  package var endIndex: Int { chunks.count * Self.chunkLength + tail.count }

  package internal(set) subscript(index: Int) -> Element {
    get {
      let chunk = index / Self.chunkLength
      return chunk < chunks.count ? chunks[chunk][index % Self.chunkLength] : tail[index % Self.chunkLength]
    }
    set {
      let chunk = index / Self.chunkLength
      if chunk < chunks.count {
        chunks[chunk][index % Self.chunkLength] = newValue
      } else {
        tail[index % Self.chunkLength] = newValue
      }
    }
  }

  package mutating func append(_ element: Element) {
    tail.append(element)
    guard tail.count == Self.chunkLength else { return }
    chunks.append(tail)
    tail = []
  }
}
