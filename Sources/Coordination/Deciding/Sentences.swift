internal import EventSourcing

/// What sentences call things: by code, short name or slug, and by id where the plan knows nothing of them.
extension Plan {
  func named(_ measure: MeasureID) -> String { measures[measure]?.code ?? measure.description }

  func named(_ party: PartyID) -> String {
    guard let party = parties[party] else { return party.description }
    return party.short ?? party.slug
  }

  func named(_ subject: Subject) -> String {
    let id = subject.id
    if id == self.id, !slug.isEmpty { return slug }
    return measures[MeasureID(id)]?.code ?? parties[PartyID(id)].map { named($0.id) } ?? clusters.first { $0.id == id }?
      .slug ?? strategies.first { $0.id == id }?.slug ?? subject.description
  }
}

extension LocalDate {
  /// As in `1.7.2019`.
  var inGerman: String {
    let (year, month, day) = components
    return "\(day).\(month).\(year)"
  }

  /// As in `1 July 2019`.
  var inEnglish: String {
    let (year, month, day) = components
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    return "\(day) \(months[month - 1]) \(year)"
  }
}
