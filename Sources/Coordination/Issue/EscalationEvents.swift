public import EventSourcing

public struct IssueEscalated: IssueFact {
  public static let type = "org.federwerk.issue.escalated.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(level:urgent:deadline:reason:), Field("level", \.level), Field("urgent", \.urgent),
    Field("deadline", \.deadline), Field("reason", \.reason))

  public let level: Slug
  public let urgent: Bool?
  public let deadline: LocalDate
  public let reason: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let issue = plan.wording(ofIssue: record)
    let level = plan.wording(ofLevel: level, record)
    let isUrgent = urgent == true
    return LocalizedText(
      de:
        "Die \(issue.german) wird\(isUrgent ? " als eilig" : "") an die Stufe „\(level)“ eskaliert; "
        + "zu entscheiden ist bis \(deadline.german).",
      en:
        "The \(issue.english) is escalated\(isUrgent ? " as urgent" : "") to the level “\(level)”; "
        + "a decision is due by \(deadline.english).")
  }

  public func change(_ issue: inout Issue, _ record: EventRecord) {
    issue.move(toLevel: level.text, record)
    issue.enter(.escalated, deadline: deadline, record)
  }
}

public struct DecisionDeadlineMissed: IssueFact {
  public static let type = "org.federwerk.issue.decision-deadline-missed.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(level:deadline:), Field("level", \.level), Field("deadline", \.deadline))

  public let level: Slug
  public let deadline: LocalDate

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let issue = plan.wording(ofIssue: record)
    let level = plan.wording(ofLevel: level, record)
    return LocalizedText(
      de: "Auf der Stufe „\(level)“ verstreicht die Frist \(deadline.german) für die \(issue.german).",
      en: "The level “\(level)” misses the deadline \(deadline.english) for the \(issue.english).")
  }

  public func change(_ issue: inout Issue, _ record: EventRecord) {
    issue.missed.append(Issue.MissedDeadline(deadline: deadline, level: level.text, mark: Mark(record)))
  }
}

public struct DecisionDeadlineSet: IssueFact {
  public static let type = "org.federwerk.issue.decision-deadline-set.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(deadline:reason:), Field("deadline", \.deadline), Field("reason", \.reason))

  public let deadline: LocalDate
  public let reason: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let issue = plan.wording(ofIssue: record)
    return LocalizedText(
      de: "Über die \(issue.german) ist nun bis \(deadline.german) zu entscheiden.",
      en: "A decision on the \(issue.english) is now due by \(deadline.english).")
  }

  public func change(_ issue: inout Issue, _ record: EventRecord) {
    issue.deadlines.record(deadline, from: record.effectiveDate, at: record.position)
  }
}

public struct EscalationReturned: IssueFact {
  public static let type = "org.federwerk.issue.escalation-returned.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(level:body:reason:), Field("level", \.level), Field("body", \.body), Field("reason", \.reason))

  /// Where it falls back to.
  public let level: Slug
  public let body: PartyID
  public let reason: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    plan.wording(ofReturnBy: body, record, to: level)
  }

  public func change(_ issue: inout Issue, _ record: EventRecord) {
    issue.move(toLevel: level.text, record)
    issue.enter(.returned, record)
  }
}

public struct EscalationDecided: IssueFact {
  public static let type = "org.federwerk.issue.escalation-decided.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(outcome:body:level:deferredTo:returnedTo:noFollowUp:text:), Field("outcome", \.outcome),
    Field("body", \.body), Field("level", \.level), Field("deferredTo", \.deferredTo),
    Field("returnedTo", \.returnedTo), Field("noFollowUp", \.noFollowUp), Field("text", \.text))

  public let outcome: Issue.Decision.Outcome
  public let body: PartyID
  public let level: Slug
  public let deferredTo: LocalDate?
  public let returnedTo: Slug?
  /// Said explicitly when nothing is to be done; otherwise the follow-ups are events next to this one.
  public let noFollowUp: Bool?
  public let text: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let who = plan.wording(ofSpeaker: body, record)
    let issue = plan.wording(ofIssue: record)
    switch outcome {
    case .decide:
      return LocalizedText(
        de: "\(who.german) entscheidet über die \(issue.german).", en: "\(who.english) decides on the \(issue.english)."
      )
    case .refuse:
      return LocalizedText(
        de: "\(who.german) lehnt ab, worum es in der \(issue.german) geht.",
        en: "\(who.english) refuses what the \(issue.english) asks for.")
    case .defer:
      return LocalizedText(
        de: "\(who.german) vertagt die Entscheidung über die \(issue.german) auf \(deferredTo?.german ?? "später").",
        en: "\(who.english) defers the decision on the \(issue.english) to \(deferredTo?.english ?? "later").")
    case .return:
      return plan.wording(ofReturnBy: body, record, to: returnedTo)
    }
  }

  public func change(_ issue: inout Issue, _ record: EventRecord) {
    issue.decisions.append(
      Issue.Decision(
        outcome: outcome, body: body, level: level.text, deferredTo: deferredTo, decided: Mark(record)))
    switch outcome {
    case .decide, .refuse: issue.enter(.decided, record)
    case .defer: issue.deadlines.record(deferredTo, from: record.effectiveDate, at: record.position)
    case .return:
      issue.move(toLevel: returnedTo?.text, record)
      issue.enter(.returned, record)
    }
  }
}

public struct FollowUpAssigned: PlanFact {
  public static let type = "org.federwerk.issue.follow-up-assigned.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(followUp:responsible:due:text:), Field("followUp", \.followUp), Field("responsible", \.responsible),
    Field("due", \.due), Field("text", \.text))

  public let followUp: Identifier<Issue.FollowUp>
  public let responsible: PartyID
  public let due: LocalDate
  public let text: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let who = plan.wording(ofSpeaker: responsible, record)
    let issue = plan.wording(ofIssue: record)
    return LocalizedText(
      de: "\(who.german) erhält zur \(issue.german) einen Folgeauftrag bis \(due.german).",
      en: "\(who.english) is to follow up on the \(issue.english) by \(due.english).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = IssueID(record.subject.id)
    plan.issues[id]?.followUps.append(
      Issue.FollowUp(id: followUp.value, responsible: responsible, due: due, assigned: Mark(record)))
    plan.issuesByFollowUp[followUp.value] = id
  }
}

public struct FollowUpCompleted: IssueFact {
  public static let type = "org.federwerk.issue.follow-up-completed.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(followUp:text:), Field("followUp", \.followUp), Field("text", \.text))

  public let followUp: Identifier<Issue.FollowUp>
  public let text: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let issue = plan.wording(ofIssue: record)
    let known = plan.issues[IssueID(record.subject.id)]?.followUps.first { $0.id == followUp.value }
    guard let known else {
      return LocalizedText(
        de: "Ein Folgeauftrag zur \(issue.german) ist erledigt.", en: "A follow-up on the \(issue.english) is done.")
    }
    let who = plan.wording(ofSpeaker: known.responsible, record)
    return LocalizedText(
      de: "\(who.german) hat den Folgeauftrag zur \(issue.german) erledigt.",
      en: "\(who.english) has completed the follow-up on the \(issue.english).")
  }

  public func change(_ issue: inout Issue, _ record: EventRecord) {
    guard let index = issue.followUps.firstIndex(where: { $0.id == followUp.value }) else { return }
    issue.followUps[index].completed = Mark(record)
  }
}
