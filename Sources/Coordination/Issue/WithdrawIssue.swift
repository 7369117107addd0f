public import EventSourcing

/// Withdraws an issue that no longer needs an answer.
public struct WithdrawIssue: PlainIssueCommand {
  public typealias Fact = IssueWithdrawn
  public static let name = "withdraw-issue"
  public static let summary = LocalizedText(de: "Meldung zurückziehen", en: "Withdraw an issue")
  public static let step = Issue.Step.withdraw
  public static let sides: [Issue.Side] = [.raiser, .office]

  public let issue: IssueID
  public let reason: FreeText?

  public init(issue: IssueID, reason: FreeText?) {
    self.issue = issue
    self.reason = reason
  }
}
