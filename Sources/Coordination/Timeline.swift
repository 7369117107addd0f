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
  public mutating func remove(on date: LocalDate) { entries.removeAll { $0.effectiveDate == date } }

  @inlinable public func entry(at date: LocalDate) -> Entry? { entries.last { $0.effectiveDate <= date } }

  @inlinable public func value(at date: LocalDate) -> Value? { entry(at: date)?.value }

  /// The value that will hold once everything recorded has taken effect.
  @inlinable public var last: Value? { entries.last?.value }

  @inlinable public var first: Value? { entries.first?.value }

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
