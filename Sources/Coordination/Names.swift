package import EventSourcing

/// How sentences call things.
extension Plan {
  /// The code, short name or slug of anything in the plan; its id when nothing is known of it.
  package func name(of id: EntityID) -> String {
    if id == self.id { return slug.isEmpty ? id.description : slug }
    if let measure = measures[MeasureID(id)] { return measure.code }
    if let party = parties[PartyID(id)] { return party.short ?? party.slug }
    if let cluster = cluster(id: id) { return cluster.slug }
    if let field = taskField(id: id) { return code(of: field) }
    if let goal = goals.first(where: { $0.id == id }) { return name(of: goal) }
    if let field = actionField(id: id) { return field.slug }
    if let version = versions.first(where: { $0.id == id }) { return version.slug }
    if let strategy = strategies.first(where: { $0.id == id }) { return strategy.slug }
    return id.description
  }

  func name<Item>(of id: Identifier<Item>) -> String { name(of: id.value) }

  func name(of subject: Subject) -> String {
    let name = name(of: subject.id)
    return name == subject.id.description ? subject.description : name
  }

  /// Goal a of a cluster is `fachkraefte.a`; the only one of its cluster has no letter.
  func name(of goal: Goal) -> String {
    let cluster = cluster(id: goal.cluster)?.slug ?? goal.cluster.description
    return goal.letter.map { "\(cluster).\($0)" } ?? cluster
  }

  /// The wording of an event's subject in quotation marks, as it was called when the event was recorded.
  func quotedTitle(of record: EventRecord) -> LocalizedText {
    let title = title(of: record.subject.id) ?? record.subject.description
    return LocalizedText(de: "„\(title)“", en: "“\(title)”")
  }
}

extension LocalDate {
  /// `1.7.2019`
  var german: String {
    let (year, month, day) = components
    return "\(day).\(month).\(year)"
  }

  /// `1 July 2019`
  var english: String {
    let (year, month, day) = components
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    return "\(day) \(months[month - 1]) \(year)"
  }
}
