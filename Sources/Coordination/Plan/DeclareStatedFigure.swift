public import EventSourcing

/// Keeps a figure that the plan states about itself beside the real count; a mismatch is shown, never refused (§7).
public struct DeclareStatedFigure: PlanCommand {
  public static let name = "declare-stated-figure"
  public static let summary = LocalizedText(de: "Angegebene Anzahl festhalten", en: "Declare a stated figure")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [StatedFigureDeclared.self]
  public static let record = Record(
    Self.init(id:slug:label:counts:value:source:), Field("id", \.id), Field("slug", \.slug), Field("label", \.label),
    Field("counts", \.counts, de: "Was gezählt wird", en: "what is counted"),
    Field("value", \.value, de: "Angegebene Zahl", en: "the figure as stated"), Field("source", \.source))

  public let id: Identifier<StatedFigure>?
  public let slug: Slug
  public let label: Label
  public let counts: StatedFigure.Counted
  public let value: Int
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
