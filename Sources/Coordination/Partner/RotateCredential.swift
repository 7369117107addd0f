public import EventSourcing

/// Takes back every token that a partner system holds; the operator then makes it a new one. Tokens are never stored,
/// so none can be read again (§46).
public struct RotateCredential: PlanCommand {
  public static let name = "rotate-credential"
  public static let summary = LocalizedText(
    de: "Zugang eines Fachverfahrens erneuern", en: "Renew the credential of a partner system")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [CredentialRotated.self]
  public static let record = Record(
    Self.init(partner:reason:), Field("partner", \.partner), Field("reason", \.reason))

  public let partner: Slug
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let partner = try plan.requirePartner(partner, field: "partner")
    return [NewEvent(partner.subject, CredentialRotated(reason: Disclosable(reason)))]
  }
}
