public import EventSourcing

/// Registers that a partner is still to be identified: a duty with a steward and a date (§2).
public struct RegisterPlaceholder: PlanCommand {
  public static let name = "register-placeholder"
  public static let summary = LocalizedText(de: "Platzhalter anlegen", en: "Register a placeholder")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [PlaceholderRegistered.self]
  public static let record = Record(
    Self.init(id:slug:label:steward:due:dueInferred:source:), Field("id", \.id), Field("slug", \.slug),
    Field("label", \.label),
    Field("steward", \.steward, de: "wer die Benennung besorgt", en: "who sees to it"),
    Field("due", \.due, de: "bis wann", en: "by when"),
    Field(
      "dueInferred", \.dueInferred, de: "Frist von uns gesetzt, im Plan steht keine",
      en: "date set by us; the plan prints none"),
    Field("source", \.source))

  public let id: PartyID?
  public let slug: Slug
  public let label: Label
  public let steward: PartyReference
  public let due: LocalDate
  public let dueInferred: Bool?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try plan.requireFreeSlug(slug)
    try plan.requireCited(source)
    let steward = try plan.require(steward, field: "steward")
    try plan.requireActive(steward, on: context.effectiveDate, field: "steward")
    try ensure(
      steward.noun != .placeholders,
      Refusal(
        .rule, "placeholder-steward", field: "steward", de: "Ein Platzhalter kann nicht zuständig sein.",
        en: "A placeholder cannot be a steward."))
    return [
      NewEvent(
        Subject("placeholders", newID),
        PlaceholderRegistered(
          slug: slug, label: label, steward: steward.id, due: due, dueInferred: dueInferred == true ? true : nil,
          source: source))
    ]
  }
}
