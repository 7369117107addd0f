package import EventSourcing

/// Records that what was agreed or decided has solved the issue.
package struct ResolveIssue: PlainIssueCommand {
  package typealias Fact = IssueResolved
  package static let name = "resolve-issue"
  package static let summary = LocalizedText(de: "Meldung als gelöst festhalten", en: "Resolve an issue")
  package static let step = Issue.Step.resolve
  package static let sides: [Issue.Side] = [.office, .raiser, .lead]

  package let issue: IssueID
  package let reason: FreeText?

  package init(issue: IssueID, reason: FreeText?) {
    self.issue = issue
    self.reason = reason
  }
}
