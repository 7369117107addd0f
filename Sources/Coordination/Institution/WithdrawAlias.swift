package import EventSourcing

/// Withdraws an alias that turned out to be wrong; from the effective date on another may have the name.
package struct WithdrawAlias: PlanCommand {
  package static let name = "withdraw-alias"
  package static let summary = LocalizedText(de: "Zweitnamen zurücknehmen", en: "Withdraw an alias")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [AliasWithdrawn.self]
  package static let record = Record(
    Self.init(institution:name:reason:), Field("institution", \.institution), Field("name", \.name),
    Field("reason", \.reason))

  package let institution: PartyReference
  package let name: Label
  package let reason: FreeText?

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
