internal import EventSourcing

/// How the sentences about issues name things.
extension Plan {
  /// An institution by its short form; nobody in particular is the office.
  func wording(ofSpeaker institution: PartyID?) -> LocalizedText {
    guard let institution else { return LocalizedText(de: "Die Geschäftsstelle", en: "The office") }
    let name = parties[institution].map { $0.short ?? $0.slug } ?? institution.description
    return LocalizedText(de: name, en: name)
  }

  /// An issue by its day and what it is about, to be preceded by an article.
  func wording(ofIssue subject: Subject) -> LocalizedText {
    guard let issue = issues[IssueID(subject.id)] else {
      return LocalizedText(de: "Meldung \(subject.id)", en: "issue \(subject.id)")
    }
    let about = wording(ofIssueAbout: issue.measure)
    return LocalizedText(
      de: "Meldung vom \(issue.raisedOn.german) \(about.german)", en: "issue of \(issue.raisedOn) \(about.english)")
  }

  func wording(ofIssueAbout measure: MeasureID?) -> LocalizedText {
    guard let measure else { return LocalizedText(de: "zum Plan", en: "about the plan") }
    let code = measures[measure]?.code ?? measure.description
    return LocalizedText(de: "zu \(code)", en: "about \(code)")
  }

  func wording(ofLevel slug: Slug) -> String { ladderLevel(slug.text)?.title.text ?? slug.text }

  func wording(ofReturnBy body: PartyID, _ subject: Subject, to level: Slug?) -> LocalizedText {
    let who = wording(ofSpeaker: body)
    let issue = wording(ofIssue: subject)
    let level = level.map { wording(ofLevel: $0) } ?? "–"
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
