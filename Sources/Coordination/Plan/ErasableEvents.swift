public import EventSourcing

/// The events with fields whose values can be erased, and what of them was.
///
/// A plan has very many of them and looks at few: they are kept as a list in the order of the log, and what was erased
/// beside it.
public struct ErasableEvents: Sendable {
  private struct Entry: Hashable, Sendable {
    let position: Position
    let subject: Subject
    let fields: [String]
  }

  private var entries = AppendList<Entry>()
  private var erased: PersistentMap<Position, Set<String>> = [:]

  /// How many events have lost values.
  public private(set) var erasureCount = 0

  public var count: Int { entries.count }

  /// The event at a position; nil where none has fields that can be erased.
  public subscript(position: Position) -> ErasableEvent? {
    guard let entry = entry(at: position) else { return nil }
    return ErasableEvent(subject: entry.subject, fields: entry.fields, erased: erased[position] ?? [])
  }

  /// Keeps an event that comes after all that are kept.
  mutating func append(_ fields: [String], of subject: Subject, at position: Position) {
    entries.append(Entry(position: position, subject: subject, fields: fields))
  }

  /// Notes what was erased; nothing where the event has no such fields.
  mutating func erase(_ fields: [String], at position: Position) {
    guard entry(at: position) != nil else { return }
    erasureCount += 1
    erased[position] = (erased[position] ?? []).union(fields)
  }

  private func entry(at position: Position) -> Entry? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].position == position ? entries[low] : nil
  }
}

/// An event with fields whose values can be erased, and what of it was.
///
/// Which of the fields were ever filled is not known here: a replay cannot tell, and every fold must be the same.
public struct ErasableEvent: Hashable, Sendable {
  public let subject: Subject
  public let fields: [String]
  /// What a reader finds erased; a value that is missing without being named here was never given, or not to that
  /// reader.
  public let erased: Set<String>
}
