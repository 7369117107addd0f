public import EventSourcing

/// Names anything in the plan: an id, the code of a measure or goal, or the slug of an institution or cluster.
public struct ItemReference: TextFieldValue {
  public static let lengthMax = 160
  public static let expectation = LocalizedText(
    de: "Erwartet wird eine Kennung, ein Code oder ein Kurzname.", en: "Expected an id, a code or a slug.")

  public let text: String

  public init?(normalized text: String) { self.text = text }

  public init(_ id: EntityID) { text = id.description }
}

extension Plan {
  func require(_ item: ItemReference, field: String, _ context: DecisionContext) throws(Refusal) -> Subject {
    if let id = EntityID(item.text), let known = subjects[id] { return Subject(known.noun, id) }
    if item.text == slug { return subject }
    if measuresByCode[item.text] != nil, let measure = known(item.text, on: context.effectiveDate) {
      return measure.subject
    }
    if let party = partiesBySlug[item.text], let noun = parties[party]?.noun {
      return Subject(noun.rawValue, party.value)
    }
    if let cluster = cluster(slug: item.text) { return Subject("theme-clusters", cluster.id) }
    if let goal = goal(item.text) { return Subject("goals", goal.id) }
    throw .unknown("item", item.text, field: field, de: "Gegenstand", en: "item")
  }

  /// The wordings of an item; nil of what has none.
  public func titles(of id: EntityID) -> Timeline<String>? {
    if id == self.id { return titles }
    return measures[MeasureID(id)]?.titles ?? parties[PartyID(id)]?.names ?? cluster(id: id)?.titles
      ?? taskField(id: id)?.titles ?? goals.first { $0.id == id }?.titles ?? actionField(id: id)?.titles
  }
}
