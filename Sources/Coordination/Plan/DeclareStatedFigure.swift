package import EventSourcing

/// Keeps a figure that the plan states about itself beside the real count; a mismatch is shown, never refused (§7).
package struct DeclareStatedFigure: PlanCommand {
  package static let name = "declare-stated-figure"
  package static let summary = LocalizedText(de: "Angegebene Anzahl festhalten", en: "Declare a stated figure")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [StatedFigureDeclared.self]
  package static let record = Record(
    Self.init(id:slug:label:counts:value:source:), Field("id", \.id), Field("slug", \.slug), Field("label", \.label),
    Field("counts", \.counts, de: "Was gezählt wird", en: "what is counted"),
    Field("value", \.value, de: "Angegebene Zahl", en: "the figure as stated"), Field("source", \.source))

  package let id: Identifier<StatedFigure>?
  package let slug: Slug
  package let label: Label
  package let counts: StatedFigure.Counted
  package let value: Int
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    try ensure(
      !plan.statedFigures.contains { $0.slug == slug.text }, .taken("slug", slug.text, by: "figure", field: "slug"))
    if let known = plan.statedFigures.first(where: { $0.id == id?.value }) {
      throw .taken("id", known.id.description, by: known.slug, field: "id")
    }
    try ensure(
      value >= 0,
      Refusal(
        .rule, "negative-figure", field: "value", de: "Eine Anzahl ist nicht negativ.",
        en: "A number of things is not negative.", facts: [.init("value", .integer(Int64(value)))]))
    try plan.requireCited(source)
    return [
      NewEvent(
        plan.subject,
        StatedFigureDeclared(
          figure: id ?? Identifier(context.newID()), slug: slug, label: label, counts: counts, value: value,
          source: source))
    ]
  }
}
