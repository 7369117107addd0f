package import EventSourcing

/// Adds a theme cluster (Themencluster) to an action field.
package struct AddThemeCluster: PlanCommand {
  package static let name = "add-theme-cluster"
  package static let summary = LocalizedText(de: "Themencluster anlegen", en: "Add a theme cluster")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [ThemeClusterAdded.self]
  package static let record = Record(
    Self.init(id:actionField:slug:title:source:), Field("id", \.id),
    Field("actionField", \.actionField, de: "Kurzname des Handlungsfelds", en: "slug of the action field"),
    Field("slug", \.slug), Field("title", \.title), Field("source", \.source))

  package let id: Identifier<ThemeCluster>?
  package let actionField: Slug
  package let slug: Slug
  package let title: Label
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
