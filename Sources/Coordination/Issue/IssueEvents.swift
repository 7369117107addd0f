package import EventSourcing

package struct IssueRaised: PlanFact {
  package static let type = "org.federwerk.issue.raised.v1"
  package static let record = Record(
    Self.init(kind:measure:institution:text:wish:source:), Field("kind", \.kind), Field("measure", \.measure),
    Field("institution", \.institution), Field("text", \.text), Field("wish", \.wish), Field("source", \.source))

  package let kind: Issue.Kind
  package let measure: MeasureID?
  package let institution: PartyID?
  package let text: Disclosable
  package let wish: Disclosable
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = IssueID(record.subject.id)
    plan.issues[id] = Issue(
      id: id, kind: kind, measure: measure, institution: institution, raisedOn: record.effectiveDate,
      raisedAt: record.position, state: .raised, level: 0, source: source)
    if let measure { plan.measures[measure]?.openIssues += 1 }
  }
}

package struct IssueEscalated: PlanFact {
  package static let type = "org.federwerk.issue.escalated.v1"
  package static let record = Record(
    Self.init(level:urgent:deadline:reason:), Field("level", \.level), Field("urgent", \.urgent),
    Field("deadline", \.deadline), Field("reason", \.reason))

  package let level: Slug
  package let urgent: Bool?
  package let deadline: LocalDate
  package let reason: Disclosable

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = IssueID(record.subject.id)
    guard var issue = plan.issues[id] else { return }
    issue.state = .escalated
    issue.level = plan.currentVersion?.ladder.firstIndex { $0.slug == level } ?? issue.level
    issue.deadline = deadline
    plan.issues[id] = issue
    plan.openDeadlines[id] = deadline
  }
}

package struct DecisionDeadlineMissed: PlanFact {
  package static let type = "org.federwerk.issue.decision-deadline-missed.v1"
  package static let record = Record(
    Self.init(level:deadline:), Field("level", \.level), Field("deadline", \.deadline))

  package let level: Slug
  package let deadline: LocalDate

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = IssueID(record.subject.id)
    plan.issues[id]?.missedDeadlines += 1
    plan.openDeadlines[id] = nil
  }
}
