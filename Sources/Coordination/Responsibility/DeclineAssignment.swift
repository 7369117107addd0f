package import EventSourcing

/// Declines an assignment (Absage): the named institution says no, once (§3). It stays named and no longer counts,
/// until the office ends it.
package struct DeclineAssignment: PlanCommand {
  package static let name = "decline-assignment"
  package static let summary = LocalizedText(de: "Zuordnung absagen", en: "Decline an assignment")
  package static let roles = Set<Role>.namedInstitutions
  package static let facts: [any PlanFact.Type] = [AssignmentDeclined.self]
  package static let record = Record(
    Self.init(assignment:reason:), Field("assignment", \.assignment), Field("reason", \.reason))

  package let assignment: Identifier<Assignment>
  package let reason: FreeText?

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let (speaker, measure) = try plan.requireAnswerable(assignment, context)
    return [
      NewEvent(
        measure.subject,
        AssignmentDeclined(assignment: assignment, institution: speaker.id, reason: Disclosable(reason)))
    ]
  }
}
