public import EventSourcing

/// Registers a system of another body that follows the plan by machine or reports into it (§46).
public struct RegisterPartnerSystem: PlanCommand {
  public static let name = "register-partner-system"
  public static let summary = LocalizedText(de: "Fachverfahren anlegen", en: "Register a partner system")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [PartnerRegistered.self]
  public static let record = Record(
    Self.init(id:slug:name:programmes:), Field("id", \.id), Field("slug", \.slug),
    Field("name", \.name, de: "Name des Verfahrens und seiner Stelle", en: "name of the system and its body"),
    Field(
      "programmes", \.programmes, de: "Programme, für die es melden darf",
      en: "slugs of the programmes for which it may report"))

  public let id: Identifier<PartnerSystem>?
  public let slug: Slug
  public let name: Label
  public let programmes: [Slug]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try ensure(plan.partner(slug.text) == nil, .taken("slug", slug.text, by: "partner", field: "slug"))
    try plan.requireProgrammes(programmes)
    return [NewEvent(Subject("partners", newID), PartnerRegistered(slug: slug, name: name, programmes: programmes))]
  }
}
