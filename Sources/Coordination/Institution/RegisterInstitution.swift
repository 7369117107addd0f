package import EventSourcing

/// Registers an institution.
package struct RegisterInstitution: PlanCommand {
  package static let name = "register-institution"
  package static let summary = LocalizedText(de: "Institution anlegen", en: "Register an institution")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [InstitutionRegistered.self]
  package static let record = Record(
    Self.init(id:slug:short:name:kind:source:), Field("id", \.id), Field("slug", \.slug),
    Field("short", \.short, de: "Kurzform, wie gedruckt", en: "short form as printed"), Field("name", \.name),
    Field("kind", \.kind, de: "Art, z. B. senate-department", en: "kind, such as senate-department"),
    Field("source", \.source))

  package let id: PartyID?
  package let slug: Slug
  package let short: Label?
  package let name: Label
  package let kind: Slug
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
