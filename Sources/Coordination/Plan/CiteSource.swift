package import EventSourcing

/// Adds citations to anything in the plan.
package struct CiteSource: PlanCommand {
  package static let name = "cite-source"
  package static let summary = LocalizedText(de: "Fundstelle angeben", en: "Cite a source")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [SourceCited.self]
  package static let record = Record(
    Self.init(item:source:),
    Field("item", \.item, de: "Gegenstand: Kennung, Code oder Kurzname", en: "what is meant: id, code or slug"),
    Field("source", \.source, de: "Fundstellen", en: "citations"))

  package let item: ItemReference
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let subject = try plan.require(item, field: "item", context)
    try ensure(
      !source.isEmpty,
      Citation.invalid(field: "source", de: "Mindestens eine Fundstelle.", en: "At least one citation."))
    try plan.requireCited(source)
    return [NewEvent(subject, SourceCited(source: source))]
  }
}
