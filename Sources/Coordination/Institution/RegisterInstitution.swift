public import EventSourcing

/// Registers an institution.
public struct RegisterInstitution: PlanCommand {
  public static let name = "register-institution"
  public static let summary = LocalizedText(de: "Institution anlegen", en: "Register an institution")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [InstitutionRegistered.self]
  public static let record = Record(
    Self.init(id:slug:short:name:kind:source:), Field("id", \.id), Field("slug", \.slug),
    Field("short", \.short, de: "Kurzform, wie gedruckt", en: "short form as printed"), Field("name", \.name),
    Field("kind", \.kind, de: "Art, z. B. senate-department", en: "kind, such as senate-department"),
    Field("source", \.source))

  public let id: PartyID?
  public let slug: Slug
  public let short: Label?
  public let name: Label
  public let kind: Slug
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try plan.requireFreeSlug(slug)
    try plan.requireFreeName(name.text, field: "name", on: context.effectiveDate)
    if let short { try plan.requireFreeName(short.text, field: "short", on: context.effectiveDate) }
    try plan.requireCited(source)
    return [
      NewEvent(
        Subject("institutions", newID),
        InstitutionRegistered(slug: slug, short: short, name: name, kind: kind, source: source))
    ]
  }
}
