public import EventSourcing

/// Records that an institution or group is no more from the effective date on (Auflösung). What it holds stays on
/// record until somebody decides about it (§31); nothing new can be assigned to it.
public struct DissolveInstitution: PlanCommand {
  public static let name = "dissolve-institution"
  public static let summary = LocalizedText(de: "Institution auflösen", en: "Dissolve an institution")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [InstitutionDissolved.self]
  public static let record = Record(
    Self.init(institution:successor:reason:source:), Field("institution", \.institution),
    Field("successor", \.successor), Field("reason", \.reason), Field("source", \.source))

  public let institution: PartyReference
  public let successor: PartyReference?
  public let reason: FreeText?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let party = try plan.requireInstitution(institution, field: "institution")
    if let dissolution = party.dissolution {
      throw Refusal(
        .conflict, "already-dissolved", field: "institution", de: "Sie ist schon aufgelöst.",
        en: "It is already dissolved.", facts: [.init("dissolved", .string(dissolution.from.description))])
    }
    try plan.requireCited(source)
    let successor = if let successor { try plan.requireInstitution(successor, field: "successor") } else { Party?.none }
    if let successor {
      try ensure(
        successor.id != party.id,
        Refusal(
          .rule, "cycle", field: "successor", de: "Niemand folgt sich selbst nach.", en: "Nobody succeeds itself."))
      try plan.requireSuccessor(successor, on: context.effectiveDate, field: "successor")
    }
    return [
      NewEvent(
        party.subject,
        InstitutionDissolved(successor: successor?.id, reason: Disclosable(reason), source: source))
    ]
  }
}
