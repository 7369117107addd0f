internal import HashTreeCollections

/// A dictionary whose copies share structure: taking a snapshot is free, and changing one entry afterwards copies only
/// the path to it. The order of its entries is unspecified.
package struct PersistentMap<Key: Hashable & Sendable, Value: Sendable>: Sendable, ExpressibleByDictionaryLiteral {
  private var entries: TreeDictionary<Key, Value> = [:]

  package init(dictionaryLiteral elements: (Key, Value)...) {
    for (key, value) in elements { entries[key] = value }
  }

  package subscript(key: Key) -> Value? {
    get { entries[key] }
    _modify { yield &entries[key] }
  }

  package var count: Int { entries.count }
  package var keys: [Key] { Array(entries.keys) }
  package var values: [Value] { Array(entries.values) }

  /// The keys whose values fulfil the condition.
  package func keys(where isWanted: (Value) -> Bool) -> [Key] {
    entries.compactMap { isWanted($0.value) ? $0.key : nil }
  }
}
