public import EventSourcing

/// Ends an assignment from a day on, also earlier than was planned.
public struct EndAssignment: PlanCommand {
  public static let name = "end-assignment"
  public static let summary = LocalizedText(de: "Zuordnung beenden", en: "End an assignment")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [AssignmentEnded.self]
  public static let record = Record(
    Self.init(assignment:until:reason:), Field("assignment", \.assignment),
    Field(
      "until", \.until, de: "erster Tag danach; sonst das Wirkdatum",
      en: "first day after; the effective date unless given"),
    Field("reason", \.reason))

  public let assignment: Identifier<Assignment>
  public let until: LocalDate?
  public let reason: FreeText?

  public init(assignment: Identifier<Assignment>, until: LocalDate?, reason: FreeText?) {
    self.assignment = assignment
    self.until = until
    self.reason = reason
  }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let (known, measure) = try plan.require(assignment)
    let end = until ?? context.effectiveDate
    try ensure(
      known.isOpen(on: end),
      Refusal(
        .conflict, "already-ended", field: "assignment", de: "Die Zuordnung ist dann schon beendet.",
        en: "The assignment has already ended by then.",
        facts: [.init("until", .string(known.until?.description ?? ""))]))
    try ensure(
      known.followedBy == nil,
      Refusal(
        .rule, "lead-gap", field: "until", de: "Die Federführung ist schon übergeben; es entstünde eine Lücke.",
        en: "The lead is already handed over; this would leave a gap.",
        facts: [.init("until", .string(known.until?.description ?? ""))]))
    try ensure(
      end >= known.from,
      Refusal(
        .rule, "end-before-start", field: "until", de: "Das Ende liegt vor dem Beginn (\(known.from.german)).",
        en: "The end precedes the start (\(known.from.english))."))
    return [
      NewEvent(
        measure.subject, AssignmentEnded(assignment: assignment, until: end, reason: Disclosable(reason)))
    ]
  }
}
