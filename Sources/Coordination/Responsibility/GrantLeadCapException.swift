public import EventSourcing

/// Allows a measure more leads in one phase than the plan does, for a reason (§1).
public struct GrantLeadCapException: PlanCommand {
  public static let name = "grant-lead-cap-exception"
  public static let summary = LocalizedText(de: "Weitere Federführungen zulassen", en: "Allow more leads")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [LeadCapExceptionGranted.self]
  public static let record = Record(
    Self.init(measure:phase:leads:reason:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field(
      "phase", \.phase, de: "Phase, sonst die Federführungen ohne Phase",
      en: "phase; the leads of no particular phase unless given"),
    Field("leads", \.leads, de: "wie viele erlaubt sind", en: "how many are allowed"), Field("reason", \.reason))

  public let measure: MeasureReference
  public let phase: Label?
  public let leads: Int
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    let cap = try plan.requireVersion(of: measure).leadCap
    try ensure(
      leads > cap,
      Refusal(
        .rule, "no-exception", field: "leads", de: "So viele Federführungen sind ohnehin erlaubt (\(cap)).",
        en: "As many leads are allowed anyway (\(cap)).", facts: [.init("leadCap", .integer(Int64(cap)))]))
    try requireReason(reason)
    guard measure.leadCapException(phase: phase?.text, on: context.effectiveDate) != leads else { return [] }
    return [
      NewEvent(
        measure.subject, LeadCapExceptionGranted(phase: phase, leads: leads, reason: Disclosable(reason)))
    ]
  }
}

extension PlanCommand {
  /// For acts that only a reason justifies.
  func requireReason(_ reason: FreeText?) throws(Refusal) {
    try ensure(
      reason != nil,
      Refusal(.rule, "reason-needed", field: "reason", de: "Bitte begründen.", en: "A reason is needed."))
  }
}
