public import EventSourcing

/// Accepts an assignment (Zusage): the named institution says yes, once (§3). Nobody says it for the institution, so
/// the office may not; silence stays silence.
public struct AcceptAssignment: PlanCommand {
  public static let name = "accept-assignment"
  public static let summary = LocalizedText(de: "Zuordnung zusagen", en: "Accept an assignment")
  public static let roles = Set<Role>.namedInstitutions
  public static let facts: [any PlanFact.Type] = [AssignmentAccepted.self]
  public static let record = Record(Self.init(assignment:), Field("assignment", \.assignment))

  public let assignment: Identifier<Assignment>

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let (speaker, measure) = try plan.requireAnswerable(assignment, context)
    return [NewEvent(measure.subject, AssignmentAccepted(assignment: assignment, institution: speaker.id))]
  }
}

extension Set<Role> {
  /// Those who act for an institution that a plan names, and for nobody else.
  static let namedInstitutions: Set<Role> = [.lead, .contributor, .steering]
}

extension Plan {
  /// Who answers for an assignment, and where: it waits for an answer, and the actor belongs to whom it names (§3).
  func requireAnswerable(
    _ id: Identifier<Assignment>, _ context: DecisionContext
  ) throws(Refusal) -> (speaker: Party, measure: Measure) {
    let (known, measure) = try require(id)
    let speaker = try requireNamed(known, context)
    try ensure(
      known.answer == nil,
      Refusal(
        .conflict, "already-answered", field: "assignment", de: "Diese Zuordnung ist schon beantwortet.",
        en: "This assignment has already been answered.",
        facts: [.init("state", .string(known.state(on: context.effectiveDate).rawValue))]))
    try ensure(
      known.isOpen(on: context.effectiveDate),
      Refusal(
        .conflict, "assignment-ended", field: "assignment", de: "Diese Zuordnung ist beendet.",
        en: "This assignment has ended.", facts: [.init("until", .string(known.until?.description ?? ""))]))
    return (speaker, measure)
  }
}
