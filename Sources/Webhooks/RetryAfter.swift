public import EventSourcing

/// How long a receiver asks to be left alone (RFC 9110, 10.2.3).
public struct RetryAfter: Hashable, Sendable {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// From the moment of the answer on; 0 for a time that has passed.
  public let seconds: Int

  /// Reads the header `Retry-After`: a number of seconds, or a date as it is sent today (IMF-fixdate), such as
  /// `Sun, 06 Nov 1994 08:49:37 GMT`.
  public init?(_ text: String, at now: Timestamp) {
    if let seconds = Int(text) {
      self.seconds = seconds
      return
    }
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]),
      let month = Self.months.firstIndex(of: String(parts[2])), let year = Int(parts[3]),
      let date = LocalDate(year: year, month: month + 1, day: day), let time = Timestamp("\(date)T\(parts[4])Z")
    else { return nil }
    // Rounded up: a moment before the time is before the time.
    seconds = max(0, Int((time.microsecondsSinceEpoch - now.microsecondsSinceEpoch + 999_999) / 1_000_000))
  }
}
