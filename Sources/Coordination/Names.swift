public import EventSourcing

/// How things are called. Callers and views address by slug or code; sentences say the short form where there is one.
/// This is the one place that knows; the id stands in for what the plan does not know.
extension Plan {
  /// The slug or code of anything in the plan; nil when nothing is known of it.
  public func slug(of id: EntityID) -> String? {
    if id == self.id { return slug.isEmpty ? nil : slug }
    if let measure = measures[MeasureID(id)] { return measure.code }
    if let party = parties[PartyID(id)] { return party.slug }
    if let cluster = cluster(id: id) { return cluster.slug }
    if let field = taskField(id: id) { return code(of: field) }
    if let goal = goals.first(where: { $0.id == id }) { return code(of: goal) }
    if let field = actionField(id: id) { return field.slug }
    if let version = versions.first(where: { $0.id == id }) { return version.slug }
    return strategies.first { $0.id == id }?.slug ?? partners.first { $0.id == id }?.slug
      ?? feeds.first { $0.id == id }?.slug
  }

  /// The slug of a party, if there is one.
  public func slug(of party: PartyID?) -> String? { party.flatMap { parties[$0]?.slug } }

  /// What a sentence calls anything in the plan on a day.
  public func name(of id: EntityID, on date: LocalDate) -> String {
    knownName(of: id, on: date) ?? id.description
  }

  private func knownName(of id: EntityID, on date: LocalDate) -> String? {
    parties[PartyID(id)]?.short(at: date) ?? code(of: MeasureID(id), on: date) ?? slug(of: id)
  }

  /// The code of a measure on a day, if there is one.
  public func code(of measure: MeasureID?, on date: LocalDate) -> String? {
    measure.flatMap { measures[$0]?.code(on: date) }
  }

  /// What a link leads to: an item of the plan, or what lies outside in its own words.
  ///
  /// - Parameter date: the day on which it is called so; nil for its name once everything recorded has taken effect.
  public func name(of target: Link.Target, on date: LocalDate? = nil) -> String {
    switch target {
    case .measure(let id): (date.map { code(of: id, on: $0) } ?? slug(of: id.value)) ?? id.description
    case .cluster(let id), .strategy(let id): slug(of: id) ?? id.description
    case .externalAct(let label), .theme(let label): label
    }
  }

  // MARK: - In sentences about an event

  /// What an event is about.
  func name(of record: EventRecord) -> String {
    knownName(of: record.subject.id, on: record.effectiveDate) ?? record.subject.description
  }

  /// Something that an event mentions, as it is called on the day of the event.
  func name<Item>(of id: Identifier<Item>, _ record: EventRecord) -> String {
    name(of: id.value, on: record.effectiveDate)
  }

  /// The wording of an event's subject in quotation marks, as it was called on the day of the event.
  func quotedTitle(of record: EventRecord) -> LocalizedText {
    let titles = titles(of: record.subject.id)
    let title = titles?.value(at: record.effectiveDate) ?? titles?.first ?? record.subject.description
    return LocalizedText(de: "„\(title)“", en: "“\(title)”")
  }

  // MARK: - Codes

  /// The code of a task field, with which those of its measures begin.
  public func code(of field: TaskField) -> String { "\(cluster(id: field.cluster)?.slug ?? "").\(field.codeNumber)" }

  /// Goal a of a cluster is `fachkraefte.a`; the only one of its cluster has no letter.
  func code(of goal: Goal) -> String {
    let cluster = cluster(id: goal.cluster)?.slug ?? goal.cluster.description
    return goal.letter.map { "\(cluster).\($0)" } ?? cluster
  }
}
