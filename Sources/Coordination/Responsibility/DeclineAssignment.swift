public import EventSourcing

/// Declines an assignment (Absage): the named institution says no, once (§3). It stays named and no longer counts,
/// until the office ends it.
public struct DeclineAssignment: PlanCommand {
  public static let name = "decline-assignment"
  public static let summary = LocalizedText(de: "Zuordnung absagen", en: "Decline an assignment")
  public static let roles = Set<Role>.namedInstitutions
  public static let facts: [any PlanFact.Type] = [AssignmentDeclined.self]
  public static let record = Record(
    Self.init(assignment:reason:), Field("assignment", \.assignment), Field("reason", \.reason))

  public let assignment: Identifier<Assignment>
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let (speaker, measure) = try plan.requireAnswerable(assignment, context)
    return [
      NewEvent(
        measure.subject,
        AssignmentDeclined(assignment: assignment, institution: speaker.id, reason: Disclosable(reason)))
    ]
  }
}
