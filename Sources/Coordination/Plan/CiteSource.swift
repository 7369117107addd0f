public import EventSourcing

/// Adds citations to anything in the plan.
public struct CiteSource: PlanCommand {
  public static let name = "cite-source"
  public static let summary = LocalizedText(de: "Fundstelle angeben", en: "Cite a source")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [SourceCited.self]
  public static let record = Record(
    Self.init(item:source:),
    Field("item", \.item, de: "Gegenstand: Kennung, Code oder Kurzname", en: "what is meant: id, code or slug"),
    Field("source", \.source, de: "Fundstellen", en: "citations"))

  public let item: ItemReference
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let subject = try plan.require(item, field: "item", context)
    try ensure(
      !source.isEmpty,
      Citation.invalid(field: "source", de: "Mindestens eine Fundstelle.", en: "At least one citation."))
    try plan.requireCited(source)
    return [NewEvent(subject, SourceCited(source: source))]
  }
}
