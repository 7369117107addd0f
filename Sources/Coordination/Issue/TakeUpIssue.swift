package import EventSourcing

/// Takes an issue up: the office now looks for a solution with those concerned.
package struct TakeUpIssue: PlainIssueCommand {
  package typealias Fact = IssueTakenUp
  package static let name = "take-up-issue"
  package static let summary = LocalizedText(de: "Meldung aufnehmen", en: "Take up an issue")
  package static let step = Issue.Step.takeUp
  package static let sides: [Issue.Side] = [.office]

  package let issue: IssueID
  package let reason: FreeText?

  package init(issue: IssueID, reason: FreeText?) {
    self.issue = issue
    self.reason = reason
  }
}
