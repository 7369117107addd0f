public import EventSourcing

/// Changes the wording (title or name) of an item of the plan; its identity and history stay.
public struct ReviseWording: PlanCommand {
  public static let name = "revise-wording"
  public static let summary = LocalizedText(de: "Wortlaut ändern", en: "Revise the wording of an item")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [WordingRevised.self, WordingRevisedWithoutSource.self]
  public static let record = Record(
    Self.init(item:title:reason:source:),
    Field("item", \.item, de: "Gegenstand: Kennung, Code oder Kurzname", en: "what is meant: id, code or slug"),
    Field("title", \.title, de: "Neuer Wortlaut", en: "new wording"),
    Field("reason", \.reason, de: "Grund", en: "reason; needed once the plan is adopted"),
    Field("source", \.source, de: "Fundstellen", en: "citations; needed once the plan is adopted"))

  public let item: ItemReference
  public let title: Label
  public let reason: FreeText?
  public let source: [Citation]

  public init(item: ItemReference, title: Label, reason: FreeText?, source: [Citation] = []) {
    self.item = item
    self.title = title
    self.reason = reason
    self.source = source
  }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let subject = try plan.require(item, field: "item", context)
    guard let titles = plan.titles(of: subject.id) else {
      throw Refusal(
        .rule, "no-wording", field: "item", de: "Dieser Gegenstand hat keinen Wortlaut.",
        en: "This item has no wording of its own.")
    }
    guard titles.value(at: context.effectiveDate) != title.text else { return [] }
    try plan.requireGrounds(reason, source, toChange: subject, context)
    // Placeholders may be worded like an institution, as they may when they are registered.
    if let party = plan.parties[PartyID(subject.id)], party.noun != .placeholders {
      try plan.requireFreeName(title.text, field: "title", on: context.effectiveDate, for: party.id)
    }
    return [NewEvent(subject, WordingRevised(title: title, reason: Disclosable(reason), source: source))]
  }
}
