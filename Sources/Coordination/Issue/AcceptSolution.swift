public import EventSourcing

/// Accepts the solution proposed last (Einigung). The office cannot agree in place of those concerned; it may record
/// that they have agreed.
public struct AcceptSolution: IssueCommand {
  public static let name = "accept-solution"
  public static let summary = LocalizedText(de: "Lösung annehmen", en: "Accept a solution")
  public static let facts: [any PlanFact.Type] = [SolutionAccepted.self]
  public static let step = Issue.Step.acceptSolution
  public static let sides: [Issue.Side] = [.raiser, .lead]
  public static let record = Record(
    Self.init(issue:institution:reason:), Field("issue", \.issue),
    Field("institution", \.institution, de: "wer annimmt; sonst die eigene", en: "who accepts; your own unless given"),
    Field("reason", \.reason))

  public let issue: IssueID
  public let institution: PartyReference?
  public let reason: FreeText?

  public func judge(
    _ issue: Issue, _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [any PlanFact] {
    [SolutionAccepted(institution: try plan.speaker(institution, context)?.id, reason: Disclosable(reason))]
  }
}
