public import EventSourcing

/// What sentences are made of besides names: dates as people write them, and parts put together.
extension LocalDate {
  /// `1.7.2019`
  public var german: String {
    let (year, month, day) = components
    return "\(day).\(month).\(year)"
  }

  /// `1 July 2019`
  public var english: String {
    let (year, month, day) = components
    return "\(day) \(Self.englishMonths[month - 1]) \(year)"
  }

  private static let englishMonths = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
}

extension LocalizedText {
  static func + (left: LocalizedText, right: LocalizedText) -> LocalizedText {
    LocalizedText(de: left.german + right.german, en: left.english + right.english)
  }

  static func + (left: LocalizedText, right: String) -> LocalizedText {
    LocalizedText(de: left.german + right, en: left.english + right)
  }

  /// From when until when, as a part of a sentence; `until` is the first day after.
  static func period(from: LocalDate, until: LocalDate?) -> LocalizedText {
    guard let last = until?.advanced(byDays: -1) else {
      return LocalizedText(de: " ab \(from.german)", en: " from \(from.english)")
    }
    return LocalizedText(
      de: " vom \(from.german) bis \(last.german)", en: " from \(from.english) until \(last.english)")
  }
}
