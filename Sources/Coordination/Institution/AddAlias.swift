public import EventSourcing

/// Adds a second name of an institution with its evidence; a presumed one is flagged, never merged silently (§30).
public struct AddAlias: PlanCommand {
  public static let name = "add-alias"
  public static let summary = LocalizedText(de: "Zweitnamen angeben", en: "Add an alias")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [AliasAdded.self]
  public static let record = Record(
    Self.init(institution:name:presumed:source:), Field("institution", \.institution), Field("name", \.name),
    Field("presumed", \.presumed, de: "Nur vermutet, noch zu klären", en: "presumed only, to be confirmed"),
    Field("source", \.source))

  public let institution: PartyReference
  public let name: Label
  public let presumed: Bool?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let party = try plan.require(institution, field: "institution")
    try plan.requireFreeName(name.text, field: "name", on: context.effectiveDate)
    try plan.requireCited(source)
    return [NewEvent(party.subject, AliasAdded(name: name, presumed: presumed == true ? true : nil, source: source))]
  }
}
