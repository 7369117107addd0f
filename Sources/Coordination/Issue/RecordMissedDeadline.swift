public import EventSourcing

/// Records that a decision was not taken in time (§23). Sent by the clock; it decides nothing.
public struct RecordMissedDeadline: PlanCommand {
  public static let name = "record-missed-deadline"
  public static let summary = LocalizedText(de: "Fristversäumnis festhalten", en: "Record a missed deadline")
  public static let roles: Set<Role> = [.system]
  public static let facts: [any PlanFact.Type] = [DecisionDeadlineMissed.self]
  public static let isForClosedPlans = true
  public static let record = Record(Self.init(issue:), Field("issue", \.issue))

  public let issue: IssueID

  public init(issue: IssueID) { self.issue = issue }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    guard let deadline = plan.openDeadlines[issue], deadline < context.today, deadline < context.effectiveDate,
      let known = plan.issues[issue], let slug = known.levels.value(at: deadline) ?? nil,
      let level = Slug(normalized: slug)
    else { return [] }
    return [NewEvent(known.subject, DecisionDeadlineMissed(level: level, deadline: deadline))]
  }

  /// The day after the deadline: from it on the deadline is missed, however late that is recorded.
  public func effectiveDate(in plan: Plan) -> LocalDate? { plan.openDeadlines[issue]?.advanced(byDays: 1) }
}

extension Plan {
  /// The commands that are due because time passed, in a fixed order; each is harmless when sent twice.
  public func dueCommands(on today: LocalDate) -> [RecordMissedDeadline] {
    openDeadlines.keys { $0 < today }.sorted().map { RecordMissedDeadline(issue: $0) }
  }
}
