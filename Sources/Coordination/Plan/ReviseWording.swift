package import EventSourcing

/// Changes the wording (title or name) of an item of the plan; its identity and history stay.
package struct ReviseWording: PlanCommand {
  package static let name = "revise-wording"
  package static let summary = LocalizedText(de: "Wortlaut ändern", en: "Revise the wording of an item")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [WordingRevised.self]
  package static let record = Record(
    Self.init(item:title:reason:),
    Field("item", \.item, de: "Gegenstand: Kennung, Code oder Kurzname", en: "what is meant: id, code or slug"),
    Field("title", \.title, de: "Neuer Wortlaut", en: "new wording"),
    Field("reason", \.reason, de: "Grund", en: "reason"))

  package let item: ItemReference
  package let title: Label
  package let reason: FreeText?

  package init(item: ItemReference, title: Label, reason: FreeText?) {
    self.item = item
    self.title = title
    self.reason = reason
  }

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let subject = try plan.require(item, field: "item")
    guard let current = plan.title(of: subject.id) else {
      throw Refusal(
        .rule, "no-wording", field: "item", de: "Dieser Gegenstand hat keinen Wortlaut.",
        en: "This item has no wording of its own.")
    }
    guard current != title.text else { return [] }
    return [NewEvent(subject, WordingRevised(title: title, reason: Disclosable(reason)))]
  }
}
