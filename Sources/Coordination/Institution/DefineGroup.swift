public import EventSourcing

/// Defines a group that can hold a responsibility as one (§39).
public struct DefineGroup: PlanCommand {
  public static let name = "define-group"
  public static let summary = LocalizedText(de: "Gruppe anlegen", en: "Define a group")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [GroupDefined.self]
  public static let record = Record(
    Self.init(id:slug:short:name:kind:of:source:), Field("id", \.id), Field("slug", \.slug), Field("short", \.short),
    Field("name", \.name), Field("kind", \.kind),
    Field("of", \.of, de: "Bezugsgruppe (nur bei relative)", en: "the group it is one of (relative only)"),
    Field("source", \.source))

  public let id: PartyID?
  public let slug: Slug
  public let short: Label?
  public let name: Label
  public let kind: Party.GroupKind
  public let of: PartyReference?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try plan.requireFreeSlug(slug)
    try plan.requireFreeName(name.text, field: "name", on: context.effectiveDate)
    if let short { try plan.requireFreeName(short.text, field: "short", on: context.effectiveDate) }
    try plan.requireCited(source)
    try ensure(
      of == nil || kind == .relative,
      Refusal(
        .rule, "not-relative", field: "of", de: "Nur eine relative Gruppe hat eine Bezugsgruppe.",
        en: "Only a relative group refers to another."))
    let group = if let of { try plan.require(of, field: "of").id } else { PartyID?.none }
    return [
      NewEvent(
        Subject("groups", newID),
        GroupDefined(slug: slug, short: short, name: name, kind: kind, of: group, source: source))
    ]
  }
}
