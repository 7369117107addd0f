internal import EventSourcing

/// What sentences about facts are made of.
extension Plan {
  /// What to call a party: its short form on the day of the event, else its slug, else its id.
  func label(of party: PartyID, _ record: EventRecord) -> String {
    guard let known = parties[party] else { return party.description }
    return known.short(at: record.effectiveDate) ?? known.slug
  }

  /// The institution, group or placeholder that an event is about.
  func partyLabel(_ record: EventRecord) -> String { label(of: PartyID(record.subject.id), record) }

  /// The measure that an event is about, by its code.
  func measureLabel(_ record: EventRecord) -> String {
    measures[MeasureID(record.subject.id)]?.code ?? record.subject.id.description
  }
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
      return LocalizedText(de: " ab \(from.german)", en: " from \(from)")
    }
    return LocalizedText(de: " vom \(from.german) bis \(last.german)", en: " from \(from) until \(last)")
  }
}
