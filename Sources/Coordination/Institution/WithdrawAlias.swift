public import EventSourcing

/// Withdraws an alias that turned out to be wrong; from the effective date on another may have the name.
public struct WithdrawAlias: PlanCommand {
  public static let name = "withdraw-alias"
  public static let summary = LocalizedText(de: "Zweitnamen zurücknehmen", en: "Withdraw an alias")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [AliasWithdrawn.self]
  public static let record = Record(
    Self.init(institution:name:reason:), Field("institution", \.institution), Field("name", \.name),
    Field("reason", \.reason))

  public let institution: PartyReference
  public let name: Label
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let party = try plan.require(institution, field: "institution")
    let known = party.aliases.filter { $0.name == name.text }
    try ensure(!known.isEmpty, .unknown("alias", name.text, field: "name", de: "Zweitname", en: "alias"))
    try ensure(
      known.contains { $0.until == nil },
      Refusal(
        .conflict, "already-withdrawn", field: "name", de: "Dieser Zweitname ist schon zurückgenommen.",
        en: "This alias has already been withdrawn."))
    return [NewEvent(party.subject, AliasWithdrawn(name: name, reason: Disclosable(reason)))]
  }
}
