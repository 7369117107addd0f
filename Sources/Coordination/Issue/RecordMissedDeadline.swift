package import EventSourcing

/// Records that a decision was not taken in time (§23). Sent by the clock; it decides nothing.
package struct RecordMissedDeadline: PlanCommand {
  package static let name = "record-missed-deadline"
  package static let summary = LocalizedText(de: "Fristversäumnis festhalten", en: "Record a missed deadline")
  package static let roles: Set<Role> = [.system]
  package static let facts: [any PlanFact.Type] = [DecisionDeadlineMissed.self]
  package static let isForClosedPlans = true
  package static let record = Record(Self.init(issue:), Field("issue", \.issue))

  package let issue: IssueID

  package init(issue: IssueID) { self.issue = issue }

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    guard let deadline = plan.openDeadlines[issue], deadline < context.today, let known = plan.issues[issue],
      let level = known.level.flatMap({ Slug(normalized: $0) })
    else { return [] }
    return [NewEvent(known.subject, DecisionDeadlineMissed(level: level, deadline: deadline))]
  }
}

extension Plan {
  /// The commands that are due because time passed, in a fixed order; each is harmless when sent twice.
  package func dueCommands(on today: LocalDate) -> [any PlanCommand] {
    openDeadlines.keys { $0 < today }.sorted().map { RecordMissedDeadline(issue: $0) }
  }
}
