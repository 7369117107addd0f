public import Coordination
public import EventSourcing
internal import Foundation

/// A reader named a time that is still to come (§36).
public struct TimeAhead: Error {}

extension Plan {
  /// The time that a reader names: a moment, or a day, which stands for its end and may be today; nil when it is
  /// neither.
  public func time(named text: String, at now: Timestamp) throws(TimeAhead) -> Timestamp? {
    let day = LocalDate(text)
    guard let time = Timestamp(text) ?? day.map({ end(of: $0) }) else { return nil }
    guard time <= now || day == today(at: now) else { throw TimeAhead() }
    return time
  }

  /// Whether this system can tell the days of a time zone.
  static func knowsTimeZone(_ name: String) -> Bool { TimeZone(identifier: name) != nil }

  /// The date in the plan's time zone; UTC while no version names one.
  public func today(at time: Timestamp) -> LocalDate {
    time.advanced(byMicroseconds: offset(at: time)).utcDate
  }

  /// The first moment of a day in the plan's time zone.
  public func start(of date: LocalDate) -> Timestamp {
    let midnight = Timestamp(microsecondsSinceEpoch: Int64(date.daysSinceEpoch) * 86_400_000_000)
    // The offset of that midnight, looked up at the moment that it would be with the offset of UTC's; around a change
    // of the clocks the second look corrects the first.
    let guess = midnight.advanced(byMicroseconds: -offset(at: midnight))
    return midnight.advanced(byMicroseconds: -offset(at: guess))
  }

  /// The last moment of a day in the plan's time zone.
  public func end(of date: LocalDate) -> Timestamp {
    start(of: LocalDate(daysSinceEpoch: date.daysSinceEpoch + 1)).advanced(byMicroseconds: -1)
  }

  /// In microseconds east of UTC; none while no version names a zone.
  private func offset(at time: Timestamp) -> Int64 {
    guard let name = currentVersion?.timeZone, let zone = TimeZone(identifier: name) else { return 0 }
    let moment = Date(timeIntervalSince1970: Double(time.microsecondsSinceEpoch) / 1_000_000)
    return Int64(zone.secondsFromGMT(for: moment)) * 1_000_000
  }
}
