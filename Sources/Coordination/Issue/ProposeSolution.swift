package import EventSourcing

/// Proposes a solution; a better one may follow while nobody has accepted (Lösungsvorschlag).
package struct ProposeSolution: IssueCommand {
  package static let name = "propose-solution"
  package static let summary = LocalizedText(de: "Lösung vorschlagen", en: "Propose a solution")
  package static let facts: [any PlanFact.Type] = [SolutionProposed.self]
  package static let step = Issue.Step.proposeSolution
  package static let sides: [Issue.Side] = [.office, .lead]
  package static let record = Record(
    Self.init(issue:institution:text:), Field("issue", \.issue),
    Field(
      "institution", \.institution, de: "wer vorschlägt; sonst die eigene oder die Geschäftsstelle",
      en: "who proposes; your own or the office unless given"),
    Field("text", \.text, de: "der Vorschlag", en: "the proposal; can be erased later"))

  package let issue: IssueID
  package let institution: PartyReference?
  package let text: FreeText

  package func judge(
    _ issue: Issue, _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [any PlanFact] {
    [SolutionProposed(institution: try plan.speaker(institution, context)?.id, text: Disclosable(text))]
  }
}
