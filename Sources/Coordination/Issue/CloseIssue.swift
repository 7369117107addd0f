package import EventSourcing

/// Closes an issue that is solved or decided; nobody has to care for it any more.
package struct CloseIssue: PlainIssueCommand {
  package typealias Fact = IssueClosed
  package static let name = "close-issue"
  package static let summary = LocalizedText(de: "Meldung schließen", en: "Close an issue")
  package static let step = Issue.Step.close
  package static let sides: [Issue.Side] = [.office]

  package let issue: IssueID
  package let reason: FreeText?

  package init(issue: IssueID, reason: FreeText?) {
    self.issue = issue
    self.reason = reason
  }
}
