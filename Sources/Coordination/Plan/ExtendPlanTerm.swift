public import EventSourcing

/// Lets a version of the plan run longer (Laufzeit verlängern).
public struct ExtendPlanTerm: PlanCommand {
  public static let name = "extend-plan-term"
  public static let summary = LocalizedText(de: "Laufzeit verlängern", en: "Extend the term of the plan")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [PlanTermExtended.self]
  public static let record = Record(
    Self.init(version:until:reason:source:),
    Field(
      "version", \.version, de: "Planfassung; sonst die laufende", en: "plan version; the current one unless given"),
    Field("until", \.until, de: "neues Ende der Laufzeit", en: "new last day of the term"),
    Field("reason", \.reason, de: "Grund", en: "reason; needed once the plan is adopted"),
    Field("source", \.source, de: "Fundstellen", en: "citations; needed once the plan is adopted"))

  public let version: Slug?
  public let until: LocalDate
  public let reason: FreeText?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let version = try plan.requireVersion(version)
    try version.requireOpen()
    try ensure(
      until > version.until,
      Refusal(
        .rule, "term-not-extended", field: "until", de: "Die Laufzeit reicht schon bis \(version.until.german).",
        en: "The term already runs until \(version.until.english).",
        facts: [.init("until", .string(version.until.description))]
      ))
    try plan.requireGrounds(reason, source, toChange: plan.subject, context)
    return [
      NewEvent(
        plan.subject,
        PlanTermExtended(version: Identifier(version.id), until: until, reason: Disclosable(reason), source: source))
    ]
  }
}
