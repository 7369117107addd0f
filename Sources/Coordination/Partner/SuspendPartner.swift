package import EventSourcing

/// Shuts a partner system out until it is reinstated: it reads no feed and reports nothing (§46).
package struct SuspendPartner: PlanCommand {
  package static let name = "suspend-partner"
  package static let summary = LocalizedText(de: "Fachverfahren sperren", en: "Suspend a partner system")
  package static let roles = Set<Role>.office
  package static let isForClosedPlans = true
  package static let facts: [any PlanFact.Type] = [PartnerSuspended.self]
  package static let record = Record(
    Self.init(partner:reason:), Field("partner", \.partner), Field("reason", \.reason))

  package let partner: Slug
  package let reason: FreeText

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let partner = try plan.requirePartner(partner, field: "partner")
    try ensure(
      !partner.isSuspended,
      Refusal(
        .conflict, "already-suspended", field: "partner", de: "Das Fachverfahren ist schon gesperrt.",
        en: "The partner system is suspended already."))
    return [NewEvent(partner.subject, PartnerSuspended(reason: Disclosable(reason)))]
  }
}
