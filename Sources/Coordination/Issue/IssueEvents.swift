package import EventSourcing

/// A fact that changes an issue which is there already.
package protocol IssueFact: PlanFact {
  func change(_ issue: inout Issue, _ record: EventRecord)
}

extension IssueFact {
  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(IssueID(record.subject.id), on: record.effectiveDate) { change(&$0, record) }
  }
}

/// How the number of a measure's open issues changed on a day.
struct IssueChange: Hashable, Sendable {
  let date: LocalDate
  let difference: Int
}

extension Measure {
  /// Issues about it that somebody had to care for on a day.
  package func openIssues(on date: LocalDate) -> Int {
    issueChanges.reduce(0) { $1.date <= date ? $0 + $1.difference : $0 }
  }
}

extension Plan {
  /// The issues that were taken beyond the lead and the office: a body that decides on them reads what they say, though
  /// not what was proposed in confidence.
  var issuesBeforeBodies: [IssueID] {
    issues.values.filter { issue in
      issue.levels.entries.contains { entry in
        ladder(on: entry.effectiveDate).dropFirst(2).contains { $0.slug.text == entry.value }
      }
    }.map(\.id)
  }

  /// Changes an issue, and with it what the plan knows of all issues: which are open, and which wait for a decision.
  fileprivate mutating func change(_ id: IssueID, on date: LocalDate, _ body: (inout Issue) -> Void) {
    guard var issue = issues[id] else { return }
    let wasOpen = issue.isOpen
    body(&issue)
    issues[id] = issue
    openDeadlines[id] = issue.watchedDeadline
    if let measure = issue.measure, issue.isOpen != wasOpen {
      measures[measure]?.issueChanges.append(IssueChange(date: date, difference: issue.isOpen ? 1 : -1))
    }
  }
}

package struct IssueRaised: PlanFact {
  package static let type = "org.federwerk.issue.raised.v1"
  package static let circle = Circle.partners
  package static let record = Record(
    Self.init(kind:measure:institution:text:wish:source:), Field("kind", \.kind), Field("measure", \.measure),
    Field("institution", \.institution), Field("text", \.text, circle: .internal),
    Field("wish", \.wish, circle: .internal), Field("source", \.source))

  package let kind: Issue.Kind
  package let measure: MeasureID?
  package let institution: PartyID?
  package let text: Disclosable
  package let wish: Disclosable
  package let source: [Citation]

  package func concerned(in plan: Plan, _ record: EventRecord) -> [EntityID] {
    [institution?.value, measure?.value].compactMap(\.self) + [record.subject.id]
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let who = plan.wording(ofSpeaker: institution, record)
    let what = kind.wording
    let about = plan.wording(ofIssueAbout: measure, record)
    return LocalizedText(
      de: "\(who.german) meldet \(about.german) \(what.german).",
      en: "\(who.english) raises \(what.english) \(about.english).")
  }

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = IssueID(record.subject.id)
    plan.issues[id] = Issue(
      id: id, kind: kind, measure: measure, institution: institution, raisedOn: record.effectiveDate,
      raisedAt: record.position, states: Timeline(.raised, from: record.effectiveDate, at: record.position),
      source: source)
    if let measure {
      plan.measures[measure]?.issueChanges.append(IssueChange(date: record.effectiveDate, difference: 1))
    }
  }
}

package struct SolutionProposed: IssueFact {
  package static let type = "org.federwerk.issue.solution-proposed.v1"
  package static let circle = Circle.internal
  package static let record = Record(
    Self.init(institution:text:), Field("institution", \.institution), Field("text", \.text))

  package let institution: PartyID?
  package let text: Disclosable

  package func concerned(in plan: Plan, _ record: EventRecord) -> [EntityID] {
    [institution?.value].compactMap(\.self) + (plan.issues[IssueID(record.subject.id)]?.concerned ?? [])
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let who = plan.wording(ofSpeaker: institution, record)
    let issue = plan.wording(ofIssue: record)
    return LocalizedText(
      de: "\(who.german) schlägt eine Lösung für die \(issue.german) vor.",
      en: "\(who.english) proposes a solution for the \(issue.english).")
  }

  package func change(_ issue: inout Issue, _ record: EventRecord) {
    issue.solutions.append(Issue.Solution(institution: institution, proposed: Mark(record)))
    issue.enter(.solutionProposed, record)
  }
}

package struct SolutionAccepted: IssueFact {
  package static let type = "org.federwerk.issue.solution-accepted.v1"
  package static let circle = Circle.partners
  package static let record = Record(
    Self.init(institution:reason:), Field("institution", \.institution), Field("reason", \.reason))

  package let institution: PartyID?
  package let reason: Disclosable

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let who = plan.wording(ofSpeaker: institution, record)
    let issue = plan.wording(ofIssue: record)
    return LocalizedText(
      de: "\(who.german) nimmt die vorgeschlagene Lösung für die \(issue.german) an.",
      en: "\(who.english) accepts the solution proposed for the \(issue.english).")
  }

  package func change(_ issue: inout Issue, _ record: EventRecord) {
    if let last = issue.solutions.indices.last { issue.solutions[last].accepted = Mark(record) }
    issue.enter(.accepted, record)
  }
}

/// A fact that only says which state an issue entered, and perhaps why.
package protocol PlainIssueFact: IssueFact {
  static var state: Issue.State { get }
  /// What happens to an issue, as the rest of a sentence that begins with it.
  static var predicate: LocalizedText { get }
  var reason: Disclosable { get }
  init(reason: Disclosable)
}

extension PlainIssueFact {
  package static var record: Record<Self> { .shared { Record(Self.init(reason:), Field("reason", \.reason)) } }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let issue = plan.wording(ofIssue: record)
    return LocalizedText(
      de: "Die \(issue.german) \(Self.predicate.german).", en: "The \(issue.english) \(Self.predicate.english).")
  }

  package func change(_ issue: inout Issue, _ record: EventRecord) {
    if Self.state == .reopened { issue.move(toLevel: nil, record) }
    issue.enter(Self.state, record)
  }
}

package struct IssueTakenUp: PlainIssueFact {
  package static let type = "org.federwerk.issue.taken-up.v1"
  package static let circle = Circle.partners
  package static let state = Issue.State.takenUp
  package static let predicate = LocalizedText(de: "wird aufgenommen", en: "is taken up")
  package let reason: Disclosable
  package init(reason: Disclosable) { self.reason = reason }
}

package struct IssueWithdrawn: PlainIssueFact {
  package static let type = "org.federwerk.issue.withdrawn.v1"
  package static let circle = Circle.partners
  package static let state = Issue.State.withdrawn
  package static let predicate = LocalizedText(de: "wird zurückgezogen", en: "is withdrawn")
  package let reason: Disclosable
  package init(reason: Disclosable) { self.reason = reason }
}

package struct IssueResolved: PlainIssueFact {
  package static let type = "org.federwerk.issue.resolved.v1"
  package static let circle = Circle.partners
  package static let state = Issue.State.resolved
  package static let predicate = LocalizedText(de: "ist gelöst", en: "is resolved")
  package let reason: Disclosable
  package init(reason: Disclosable) { self.reason = reason }
}

package struct IssueClosed: PlainIssueFact {
  package static let type = "org.federwerk.issue.closed.v1"
  package static let circle = Circle.partners
  package static let state = Issue.State.closed
  package static let predicate = LocalizedText(de: "wird geschlossen", en: "is closed")
  package let reason: Disclosable
  package init(reason: Disclosable) { self.reason = reason }
}

package struct IssueReopened: PlainIssueFact {
  package static let type = "org.federwerk.issue.reopened.v1"
  package static let circle = Circle.partners
  package static let state = Issue.State.reopened
  package static let predicate = LocalizedText(de: "wird wieder geöffnet", en: "is reopened")
  package let reason: Disclosable
  package init(reason: Disclosable) { self.reason = reason }
}
