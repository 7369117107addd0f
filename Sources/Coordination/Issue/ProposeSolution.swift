public import EventSourcing

/// Proposes a solution; a better one may follow while nobody has accepted (Lösungsvorschlag).
public struct ProposeSolution: IssueCommand {
  public static let name = "propose-solution"
  public static let summary = LocalizedText(de: "Lösung vorschlagen", en: "Propose a solution")
  public static let facts: [any PlanFact.Type] = [SolutionProposed.self]
  public static let step = Issue.Step.proposeSolution
  public static let sides: [Issue.Side] = [.office, .lead]
  public static let record = Record(
    Self.init(issue:institution:text:), Field("issue", \.issue),
    Field(
      "institution", \.institution, de: "wer vorschlägt; sonst die eigene oder die Geschäftsstelle",
      en: "who proposes; your own or the office unless given"),
    Field("text", \.text, de: "der Vorschlag", en: "the proposal; can be erased later"))

  public let issue: IssueID
  public let institution: PartyReference?
  public let text: FreeText

  public func judge(
    _ issue: Issue, _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [any PlanFact] {
    [SolutionProposed(institution: try plan.speaker(institution, context)?.id, text: Disclosable(text))]
  }
}
