package import EventSourcing

/// Takes back every token that a partner system holds; the operator then makes it a new one. Tokens are never stored,
/// so none can be read again (§46).
package struct RotateCredential: PlanCommand {
  package static let name = "rotate-credential"
  package static let summary = LocalizedText(
    de: "Zugang eines Fachverfahrens erneuern", en: "Renew the credential of a partner system")
  package static let roles = Set<Role>.office
  package static let isForClosedPlans = true
  package static let facts: [any PlanFact.Type] = [CredentialRotated.self]
  package static let record = Record(
    Self.init(partner:reason:), Field("partner", \.partner), Field("reason", \.reason))

  package let partner: Slug
  package let reason: FreeText?

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let partner = try plan.requirePartner(partner, field: "partner")
    return [NewEvent(partner.subject, CredentialRotated(reason: Disclosable(reason)))]
  }
}
