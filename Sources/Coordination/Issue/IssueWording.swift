internal import EventSourcing

/// What the sentences about issues are made of.
extension Plan {
  /// Who says something; nobody in particular is the office.
  func wording(ofSpeaker institution: PartyID?, _ record: EventRecord) -> LocalizedText {
    guard let institution else { return LocalizedText(de: "Die Geschäftsstelle", en: "The office") }
    let name = name(of: institution, record)
    return LocalizedText(de: name, en: name)
  }

  /// The issue that an event is about, by its day and what it is about, to be preceded by an article.
  func wording(ofIssue record: EventRecord) -> LocalizedText {
    let id = record.subject.id
    guard let issue = issues[IssueID(id)] else { return LocalizedText(de: "Meldung \(id)", en: "issue \(id)") }
    let about = wording(ofIssueAbout: issue.measure, record)
    return LocalizedText(
      de: "Meldung vom \(issue.raisedOn.german) \(about.german)",
      en: "issue of \(issue.raisedOn.english) \(about.english)")
  }

  func wording(ofIssueAbout measure: MeasureID?, _ record: EventRecord) -> LocalizedText {
    guard let measure else { return LocalizedText(de: "zum Plan", en: "about the plan") }
    let code = name(of: measure, record)
    return LocalizedText(de: "zu \(code)", en: "about \(code)")
  }

  func wording(ofLevel slug: Slug, _ record: EventRecord) -> String {
    ladderLevel(slug.text, on: record.effectiveDate)?.title.text ?? slug.text
  }

  func wording(ofReturnBy body: PartyID, _ record: EventRecord, to level: Slug?) -> LocalizedText {
    let who = wording(ofSpeaker: body, record)
    let issue = wording(ofIssue: record)
    let level = level.map { wording(ofLevel: $0, record) } ?? "–"
    return LocalizedText(
      de: "\(who.german) gibt die \(issue.german) an die Stufe „\(level)“ zurück.",
      en: "\(who.english) returns the \(issue.english) to the level “\(level)”.")
  }
}

extension Issue.Kind {
  var wording: LocalizedText {
    switch self {
    case .question: LocalizedText(de: "eine Frage", en: "a question")
    case .obstacle: LocalizedText(de: "ein Hindernis", en: "an obstacle")
    case .decisionNeeded: LocalizedText(de: "einen Entscheidungsbedarf", en: "the need for a decision")
    }
  }
}

extension Issue.State {
  var wording: LocalizedText {
    switch self {
    case .raised: LocalizedText(de: "gemeldet", en: "raised")
    case .takenUp: LocalizedText(de: "aufgegriffen", en: "taken up")
    case .solutionProposed: LocalizedText(de: "Lösung vorgeschlagen", en: "proposed to be solved")
    case .accepted: LocalizedText(de: "Lösung angenommen", en: "accepted as solved")
    case .escalated: LocalizedText(de: "eskaliert", en: "escalated")
    case .decided: LocalizedText(de: "entschieden", en: "decided")
    case .returned: LocalizedText(de: "zurückgegeben", en: "returned")
    case .resolved: LocalizedText(de: "gelöst", en: "resolved")
    case .closed: LocalizedText(de: "geschlossen", en: "closed")
    case .withdrawn: LocalizedText(de: "zurückgezogen", en: "withdrawn")
    case .reopened: LocalizedText(de: "wieder geöffnet", en: "reopened")
    }
  }
}
