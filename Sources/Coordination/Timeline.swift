public import EventSourcing

/// How a value that holds over time changed: (effective date, position, value), for reads "valid at" a date.
///
/// The entry that counts at a date is the latest effective one not after it; of several on one day the last recorded.
/// Within one fold the earlier recorded of the same day can never count again, so one entry per day is kept and the
/// timeline of a busy measure stays as short as the plan has days. What is inlinable is asked in every fold.
public struct Timeline<Value: Hashable & Sendable>: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public let effectiveDate: LocalDate
    public let position: Position
    public let value: Value
  }

  public private(set) var entries: [Entry] = []
  /// How often something was recorded, also what no longer counts.
  public private(set) var recordCount = 0
  /// How often something was taken back.
  public private(set) var removalCount = 0

  public init() {}

  public init(_ value: Value, from date: LocalDate, at position: Position) {
    entries = [Entry(effectiveDate: date, position: position, value: value)]
    recordCount = 1
  }

  /// One that follows from others: what holds from when, in the order of the days and, on one day, of the log.
  ///
  /// - Parameter recordCount: how often anything was recorded that it follows from.
  init(_ changes: [(LocalDate, Position, Value)], recordCount: Int) {
    for (date, position, value) in changes { record(value, from: date, at: position) }
    self.recordCount = recordCount
  }

  public mutating func record(_ value: Value, from date: LocalDate, at position: Position) {
    let entry = Entry(effectiveDate: date, position: position, value: value)
    recordCount += 1
    var index = entries.count
    while index > 0, entries[index - 1].effectiveDate > date { index -= 1 }
    if index > 0, entries[index - 1].effectiveDate == date {
      entries[index - 1] = entry
    } else {
      entries.insert(entry, at: index)
    }
  }

  /// Forgets what was recorded for that very day, so that the value before it goes on.
  public mutating func remove(on date: LocalDate) {
    let known = entries.count
    entries.removeAll { $0.effectiveDate == date }
    if entries.count < known { removalCount += 1 }
  }

  @inlinable public func entry(at date: LocalDate) -> Entry? { entries.last { $0.effectiveDate <= date } }

  @inlinable public func value(at date: LocalDate) -> Value? { entry(at: date)?.value }

  /// The value that will hold once everything recorded has taken effect.
  @inlinable public var last: Value? { entries.last?.value }

  @inlinable public var first: Value? { entries.first?.value }

  /// The days for which something was recorded or taken back since this was `earlier`, the latest first.
  ///
  /// - Parameter position: the first one that `earlier` could not know.
  @inlinable public func days(changedSince earlier: Self, recordedFrom position: Position) -> [LocalDate] {
    guard removalCount != earlier.removalCount else {
      return entries(since: earlier, recordedFrom: position).map(\.effectiveDate)
    }
    // What was taken back may have been recorded at any time, and so may what takes its place.
    let changed = Set(entries).symmetricDifference(earlier.entries)
    return Set(changed.map(\.effectiveDate)).sorted(by: >)
  }

  /// The entries that came since this was `earlier`, the latest effective first.
  ///
  /// They are nearly always at the end, so this looks no further back than it must.
  ///
  /// - Parameter position: the first one that `earlier` could not know.
  @inlinable public func entries(since earlier: Self, recordedFrom position: Position) -> [Entry] {
    var found: [Entry] = []
    var index = entries.count
    while index > 0, found.count < recordCount - earlier.recordCount {
      index -= 1
      if entries[index].position >= position { found.append(entries[index]) }
    }
    return found
  }
}
