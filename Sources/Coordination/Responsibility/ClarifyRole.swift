public import EventSourcing

/// Gives an assignment whose role the plan leaves open its role (§41), from the effective date on and at the earliest
/// from its own beginning.
public struct ClarifyRole: PlanCommand {
  public static let name = "clarify-role"
  public static let summary = LocalizedText(de: "Rolle klären", en: "Clarify a role")
  public static let roles = Set<Role>.participants
  public static let facts: [any PlanFact.Type] = [RoleClarified.self]
  public static let record = Record(
    Self.init(assignment:role:reason:source:), Field("assignment", \.assignment), Field("role", \.role),
    Field("reason", \.reason, de: "Beleg, wenn er nicht gedruckt ist", en: "evidence, where none is printed"),
    Field("source", \.source))

  public let assignment: Identifier<Assignment>
  public let role: Assignment.Role
  public let reason: FreeText?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let (known, measure) = try plan.require(assignment)
    try plan.requireNamedOrOffice(known, context)
    try ensure(
      known.role == .unclear,
      Refusal(
        .conflict, "nothing-unclear", field: "assignment", de: "Diese Rolle ist nicht ungeklärt.",
        en: "This role is not unclear.", facts: [.init("role", .string(known.role.rawValue))]))
    try ensure(
      role != .unclear,
      Assignment.Role.invalid(
        field: "role", de: "Erwartet wird eine geklärte Rolle.", en: "Expected a role other than unclear."))
    try ensure(
      known.isOpen(on: context.effectiveDate),
      Refusal(
        .conflict, "assignment-ended", field: "assignment", de: "Diese Zuordnung ist beendet.",
        en: "This assignment has ended.", facts: [.init("until", .string(known.until?.description ?? ""))]))
    var clarified = known
    clarified.clarify(role, from: context.effectiveDate, at: plan.size.nextPosition)
    try plan.requireLedHere(measure, for: role, from: max(context.effectiveDate, known.from), until: known.until)
    try plan.requireEvidence(reason, source)
    try plan.check(clarified, in: measure, field: "role")
    return [
      NewEvent(
        measure.subject,
        RoleClarified(assignment: assignment, role: role, reason: Disclosable(reason), source: source))
    ]
  }
}
