public import EventSourcing

/// Lets a suspended partner system in again.
public struct ReinstatePartner: PlanCommand {
  public static let name = "reinstate-partner"
  public static let summary = LocalizedText(de: "Fachverfahren wieder zulassen", en: "Reinstate a partner system")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [PartnerReinstated.self]
  public static let record = Record(
    Self.init(partner:reason:), Field("partner", \.partner), Field("reason", \.reason))

  public let partner: Slug
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let partner = try plan.requirePartner(partner, field: "partner")
    try ensure(
      partner.isSuspended,
      Refusal(
        .conflict, "not-suspended", field: "partner", de: "Das Fachverfahren ist nicht gesperrt.",
        en: "The partner system is not suspended."))
    return [NewEvent(partner.subject, PartnerReinstated(reason: Disclosable(reason)))]
  }
}
