public import EventSourcing

/// A fact that changes an issue which is there already.
public protocol IssueFact: PlanFact {
  func change(_ issue: inout Issue, _ record: EventRecord)
}

extension IssueFact {
  public func apply(to plan: inout Plan, _ record: EventRecord) {
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
  public func openIssues(on date: LocalDate) -> Int {
    issueChanges.reduce(0) { $1.date <= date ? $0 + $1.difference : $0 }
  }
}

extension Plan {
  /// The issues that were taken beyond the lead and the office: a body that decides on them reads what they say, though
  /// not what was proposed in confidence. The last of two levels is such a body too.
  var issuesBeforeBodies: [IssueID] {
    issues.values.filter { issue in
      issue.levels.entries.contains { entry in
        let ladder = ladder(on: entry.effectiveDate)
        return ladder.dropFirst(ladder.count == 2 ? 1 : 2).contains { $0.slug.text == entry.value }
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

public struct IssueRaised: PlanFact {
  public static let type = "org.federwerk.issue.raised.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(kind:measure:institution:text:wish:source:), Field("kind", \.kind), Field("measure", \.measure),
    Field("institution", \.institution), Field("text", \.text, circle: .internal),
    Field("wish", \.wish, circle: .internal), Field("source", \.source))

  public let kind: Issue.Kind
  public let measure: MeasureID?
  public let institution: PartyID?
  public let text: Disclosable
  public let wish: Disclosable
  public let source: [Citation]

  public func concerned(in plan: Plan, _ record: EventRecord) -> [EntityID] {
    [institution?.value, measure?.value].compactMap(\.self) + [record.subject.id]
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let who = plan.wording(ofSpeaker: institution, record)
    let what = kind.wording
    let about = plan.wording(ofIssueAbout: measure, record)
    return LocalizedText(
      de: "\(who.german) meldet \(about.german) \(what.german).",
      en: "\(who.english) raises \(what.english) \(about.english).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
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

public struct SolutionProposed: IssueFact {
  public static let type = "org.federwerk.issue.solution-proposed.v1"
  public static let circle = Circle.internal
  public static let record = Record(
    Self.init(institution:text:), Field("institution", \.institution), Field("text", \.text))

  public let institution: PartyID?
  public let text: Disclosable

  public func concerned(in plan: Plan, _ record: EventRecord) -> [EntityID] {
    [institution?.value].compactMap(\.self) + (plan.issues[IssueID(record.subject.id)]?.concerned ?? [])
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let who = plan.wording(ofSpeaker: institution, record)
    let issue = plan.wording(ofIssue: record)
    return LocalizedText(
      de: "\(who.german) schlägt eine Lösung für die \(issue.german) vor.",
      en: "\(who.english) proposes a solution for the \(issue.english).")
  }

  public func change(_ issue: inout Issue, _ record: EventRecord) {
    issue.solutions.append(Issue.Solution(institution: institution, proposed: Mark(record)))
    issue.enter(.solutionProposed, record)
  }
}

public struct SolutionAccepted: IssueFact {
  public static let type = "org.federwerk.issue.solution-accepted.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(institution:reason:), Field("institution", \.institution), Field("reason", \.reason))

  public let institution: PartyID?
  public let reason: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let who = plan.wording(ofSpeaker: institution, record)
    let issue = plan.wording(ofIssue: record)
    return LocalizedText(
      de: "\(who.german) nimmt die vorgeschlagene Lösung für die \(issue.german) an.",
      en: "\(who.english) accepts the solution proposed for the \(issue.english).")
  }

  public func change(_ issue: inout Issue, _ record: EventRecord) {
    if let last = issue.solutions.indices.last { issue.solutions[last].accepted = Mark(record) }
    issue.enter(.accepted, record)
  }
}

/// A fact that only says which state an issue entered, and perhaps why.
public protocol PlainIssueFact: IssueFact {
  static var state: Issue.State { get }
  /// What happens to an issue, as the rest of a sentence that begins with it.
  static var predicate: LocalizedText { get }
  var reason: Disclosable { get }
  init(reason: Disclosable)
}

extension PlainIssueFact {
  public static var record: Record<Self> { .shared { Record(Self.init(reason:), Field("reason", \.reason)) } }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let issue = plan.wording(ofIssue: record)
    return LocalizedText(
      de: "Die \(issue.german) \(Self.predicate.german).", en: "The \(issue.english) \(Self.predicate.english).")
  }

  public func change(_ issue: inout Issue, _ record: EventRecord) {
    if Self.state == .reopened { issue.move(toLevel: nil, record) }
    issue.enter(Self.state, record)
  }
}

public struct IssueTakenUp: PlainIssueFact {
  public static let type = "org.federwerk.issue.taken-up.v1"
  public static let circle = Circle.partners
  public static let state = Issue.State.takenUp
  public static let predicate = LocalizedText(de: "wird aufgenommen", en: "is taken up")
  public let reason: Disclosable
  public init(reason: Disclosable) { self.reason = reason }
}

public struct IssueWithdrawn: PlainIssueFact {
  public static let type = "org.federwerk.issue.withdrawn.v1"
  public static let circle = Circle.partners
  public static let state = Issue.State.withdrawn
  public static let predicate = LocalizedText(de: "wird zurückgezogen", en: "is withdrawn")
  public let reason: Disclosable
  public init(reason: Disclosable) { self.reason = reason }
}

public struct IssueResolved: PlainIssueFact {
  public static let type = "org.federwerk.issue.resolved.v1"
  public static let circle = Circle.partners
  public static let state = Issue.State.resolved
  public static let predicate = LocalizedText(de: "ist gelöst", en: "is resolved")
  public let reason: Disclosable
  public init(reason: Disclosable) { self.reason = reason }
}

public struct IssueClosed: PlainIssueFact {
  public static let type = "org.federwerk.issue.closed.v1"
  public static let circle = Circle.partners
  public static let state = Issue.State.closed
  public static let predicate = LocalizedText(de: "wird geschlossen", en: "is closed")
  public let reason: Disclosable
  public init(reason: Disclosable) { self.reason = reason }
}

public struct IssueReopened: PlainIssueFact {
  public static let type = "org.federwerk.issue.reopened.v1"
  public static let circle = Circle.partners
  public static let state = Issue.State.reopened
  public static let predicate = LocalizedText(de: "wird wieder geöffnet", en: "is reopened")
  public let reason: Disclosable
  public init(reason: Disclosable) { self.reason = reason }
}
