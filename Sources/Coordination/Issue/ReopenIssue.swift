package import EventSourcing

/// Opens an issue again; it starts once more at the bottom of the ladder.
package struct ReopenIssue: PlainIssueCommand {
  package typealias Fact = IssueReopened
  package static let name = "reopen-issue"
  package static let summary = LocalizedText(de: "Meldung wieder öffnen", en: "Reopen an issue")
  package static let step = Issue.Step.reopen
  package static let sides: [Issue.Side] = [.office, .raiser, .lead]

  package let issue: IssueID
  package let reason: FreeText?

  package init(issue: IssueID, reason: FreeText?) {
    self.issue = issue
    self.reason = reason
  }
}
