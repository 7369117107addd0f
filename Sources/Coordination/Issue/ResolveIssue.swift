public import EventSourcing

/// Records that what was agreed or decided has solved the issue.
public struct ResolveIssue: PlainIssueCommand {
  public typealias Fact = IssueResolved
  public static let name = "resolve-issue"
  public static let summary = LocalizedText(de: "Meldung als gelöst festhalten", en: "Resolve an issue")
  public static let step = Issue.Step.resolve
  public static let sides: [Issue.Side] = [.office, .raiser, .lead]

  public let issue: IssueID
  public let reason: FreeText?

  public init(issue: IssueID, reason: FreeText?) {
    self.issue = issue
    self.reason = reason
  }
}
