public import EventSourcing

/// Adds an action field (Handlungsfeld).
public struct AddActionField: PlanCommand {
  public static let name = "add-action-field"
  public static let summary = LocalizedText(de: "Handlungsfeld anlegen", en: "Add an action field")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [ActionFieldAdded.self]
  public static let record = Record(
    Self.init(id:number:slug:title:source:), Field("id", \.id), Field("number", \.number), Field("slug", \.slug),
    Field("title", \.title), Field("source", \.source))

  public let id: Identifier<ActionField>?
  public let number: Int
  public let slug: Slug
  public let title: Label
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    _ = try plan.requireVersion()
    try plan.requireCited(source)
    try ensure(
      !plan.actionFields.contains { $0.number == number },
      .taken("number", String(number), by: "action field", field: "number"))
    try ensure(
      !plan.actionFields.contains { $0.slug == slug.text }, .taken("slug", slug.text, by: "action field", field: "slug")
    )
    return [
      NewEvent(
        Subject("action-fields", newID), ActionFieldAdded(number: number, slug: slug, title: title, source: source))
    ]
  }
}
