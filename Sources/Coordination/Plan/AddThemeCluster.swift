public import EventSourcing

/// Adds a theme cluster (Themencluster) to an action field.
public struct AddThemeCluster: PlanCommand {
  public static let name = "add-theme-cluster"
  public static let summary = LocalizedText(de: "Themencluster anlegen", en: "Add a theme cluster")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [ThemeClusterAdded.self]
  public static let record = Record(
    Self.init(id:actionField:slug:title:source:), Field("id", \.id),
    Field("actionField", \.actionField, de: "Kurzname des Handlungsfelds", en: "slug of the action field"),
    Field("slug", \.slug), Field("title", \.title), Field("source", \.source))

  public let id: Identifier<ThemeCluster>?
  public let actionField: Slug
  public let slug: Slug
  public let title: Label
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try plan.requireCited(source)
    guard let field = plan.actionFields.first(where: { $0.slug == actionField.text }) else {
      throw .unknown("action-field", actionField.text, field: "actionField", de: "Handlungsfeld", en: "action field")
    }
    try ensure(plan.cluster(slug: slug.text) == nil, .taken("slug", slug.text, by: "theme cluster", field: "slug"))
    return [
      NewEvent(
        Subject("theme-clusters", newID),
        ThemeClusterAdded(actionField: Identifier(field.id), slug: slug, title: title, source: source))
    ]
  }
}
