public import EventSourcing

/// Closes an issue that is solved or decided; nobody has to care for it any more.
public struct CloseIssue: PlainIssueCommand {
  public typealias Fact = IssueClosed
  public static let name = "close-issue"
  public static let summary = LocalizedText(de: "Meldung schließen", en: "Close an issue")
  public static let step = Issue.Step.close
  public static let sides: [Issue.Side] = [.office]

  public let issue: IssueID
  public let reason: FreeText?

  public init(issue: IssueID, reason: FreeText?) {
    self.issue = issue
    self.reason = reason
  }
}
