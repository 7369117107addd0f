package import EventSourcing

/// Withdraws an issue that no longer needs an answer.
package struct WithdrawIssue: PlainIssueCommand {
  package typealias Fact = IssueWithdrawn
  package static let name = "withdraw-issue"
  package static let summary = LocalizedText(de: "Meldung zurückziehen", en: "Withdraw an issue")
  package static let step = Issue.Step.withdraw
  package static let sides: [Issue.Side] = [.raiser, .office]

  package let issue: IssueID
  package let reason: FreeText?

  package init(issue: IssueID, reason: FreeText?) {
    self.issue = issue
    self.reason = reason
  }
}
