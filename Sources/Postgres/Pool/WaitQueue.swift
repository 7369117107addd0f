/// A first-in, first-out queue from which single elements can be taken out of turn.
struct WaitQueue<Key: Hashable, Element> {
  /// Cleared places stay until the front has passed them.
  private var places: [(key: Key, element: Element)?] = []
  private var front = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  var first: (key: Key, element: Element)? {
    for place in places[front...] {
      if let place { return place }
    }
    return nil
  }

  mutating func append(_ key: Key, _ element: Element) {
    places.append((key, element))
    count += 1
  }

  mutating func popFirst() -> (key: Key, element: Element)? {
    while front < places.count {
      defer { compact() }
      if let place = places[front] {
        places[front] = nil
        front += 1
        count -= 1
        return place
      }
      front += 1
    }
    return nil
  }

  mutating func remove(_ key: Key) -> Element? {
    guard let index = places[front...].firstIndex(where: { $0?.key == key }) else { return nil }
    let element = places[index]?.element
    places[index] = nil
    count -= 1
    return element
  }

  /// Moves the rest to the start once more than half is behind the front, which costs each element one move.
  private mutating func compact() {
    guard front > 32, front * 2 > places.count else { return }
    places.removeFirst(front)
    front = 0
  }
}
