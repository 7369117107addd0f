public import EventSourcing

/// Shuts a partner system out until it is reinstated: it reads no feed and reports nothing (§46).
public struct SuspendPartner: PlanCommand {
  public static let name = "suspend-partner"
  public static let summary = LocalizedText(de: "Fachverfahren sperren", en: "Suspend a partner system")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [PartnerSuspended.self]
  public static let record = Record(
    Self.init(partner:reason:), Field("partner", \.partner), Field("reason", \.reason))

  public let partner: Slug
  public let reason: FreeText

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let partner = try plan.requirePartner(partner, field: "partner")
    try ensure(
      !partner.isSuspended,
      Refusal(
        .conflict, "already-suspended", field: "partner", de: "Das Fachverfahren ist schon gesperrt.",
        en: "The partner system is suspended already."))
    return [NewEvent(partner.subject, PartnerSuspended(reason: Disclosable(reason)))]
  }
}
