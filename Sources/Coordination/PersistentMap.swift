public import HashTreeCollections

/// A dictionary whose copies share structure: taking a snapshot is free, and changing one entry afterwards copies only
/// the path to it. The order of its entries is unspecified.
///
/// Values lie behind references, so a copied path costs one reference for each neighbour, however large the values are.
public struct PersistentMap<Key: Hashable & Sendable, Value: Sendable>: Sendable, ExpressibleByDictionaryLiteral {
  public private(set) var entries: TreeDictionary<Key, Entry> = [:]

  public final class Entry: @unchecked Sendable {  // Its value changes only while a single map refers to it.
    /// Nil only while an entry is being made or removed.
    public fileprivate(set) var value: Value?

    init(_ value: Value?) { self.value = value }

    /// The entry to change in place: a copy where another map refers to this one too.
    fileprivate static func unshared(_ entry: inout Entry) -> Entry {
      if !isKnownUniquelyReferenced(&entry) { entry = Entry(entry.value) }
      return entry
    }
  }

  public init(dictionaryLiteral elements: (Key, Value)...) {
    for (key, value) in elements { self[key] = value }
  }

  public subscript(key: Key) -> Value? {
    @inlinable _read {
      if let entry = entries[key] { yield entry.value } else { yield nil }
    }
    _modify {
      let entry = Entry.unshared(&entries[key, default: Entry(nil)])
      defer { if entry.value == nil { entries[key] = nil } }
      yield &entry.value
    }
  }

  public var count: Int { entries.count }
  public var keys: [Key] { Array(entries.keys) }
  public var values: [Value] { entries.values.compactMap(\.value) }

  /// The keys whose values fulfil the condition.
  public func keys(where isWanted: (Value) -> Bool) -> [Key] {
    entries.compactMap { key, entry in entry.value.map(isWanted) == true ? key : nil }
  }
}
