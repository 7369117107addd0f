public import EventSourcing

/// Opens an issue again; it starts once more at the bottom of the ladder.
public struct ReopenIssue: PlainIssueCommand {
  public typealias Fact = IssueReopened
  public static let name = "reopen-issue"
  public static let summary = LocalizedText(de: "Meldung wieder öffnen", en: "Reopen an issue")
  public static let step = Issue.Step.reopen
  public static let sides: [Issue.Side] = [.office, .raiser, .lead]

  public let issue: IssueID
  public let reason: FreeText?

  public init(issue: IssueID, reason: FreeText?) {
    self.issue = issue
    self.reason = reason
  }
}
