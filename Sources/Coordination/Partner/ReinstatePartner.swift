package import EventSourcing

/// Lets a suspended partner system in again.
package struct ReinstatePartner: PlanCommand {
  package static let name = "reinstate-partner"
  package static let summary = LocalizedText(de: "Fachverfahren wieder zulassen", en: "Reinstate a partner system")
  package static let roles = Set<Role>.office
  package static let isForClosedPlans = true
  package static let facts: [any PlanFact.Type] = [PartnerReinstated.self]
  package static let record = Record(
    Self.init(partner:reason:), Field("partner", \.partner), Field("reason", \.reason))

  package let partner: Slug
  package let reason: FreeText?

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let partner = try plan.requirePartner(partner, field: "partner")
    try ensure(
      partner.isSuspended,
      Refusal(
        .conflict, "not-suspended", field: "partner", de: "Das Fachverfahren ist nicht gesperrt.",
        en: "The partner system is not suspended."))
    return [NewEvent(partner.subject, PartnerReinstated(reason: Disclosable(reason)))]
  }
}
