public import EventSourcing

/// Takes an issue up: the office now looks for a solution with those concerned.
public struct TakeUpIssue: PlainIssueCommand {
  public typealias Fact = IssueTakenUp
  public static let name = "take-up-issue"
  public static let summary = LocalizedText(de: "Meldung aufnehmen", en: "Take up an issue")
  public static let step = Issue.Step.takeUp
  public static let sides: [Issue.Side] = [.office]

  public let issue: IssueID
  public let reason: FreeText?

  public init(issue: IssueID, reason: FreeText?) {
    self.issue = issue
    self.reason = reason
  }
}
