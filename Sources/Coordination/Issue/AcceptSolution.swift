package import EventSourcing

/// Accepts the solution proposed last (Einigung). The office cannot agree in place of those concerned; it may record
/// that they have agreed.
package struct AcceptSolution: IssueCommand {
  package static let name = "accept-solution"
  package static let summary = LocalizedText(de: "Lösung annehmen", en: "Accept a solution")
  package static let facts: [any PlanFact.Type] = [SolutionAccepted.self]
  package static let step = Issue.Step.acceptSolution
  package static let sides: [Issue.Side] = [.raiser, .lead]
  package static let record = Record(
    Self.init(issue:institution:reason:), Field("issue", \.issue),
    Field("institution", \.institution, de: "wer annimmt; sonst die eigene", en: "who accepts; your own unless given"),
    Field("reason", \.reason))

  package let issue: IssueID
  package let institution: PartyReference?
  package let reason: FreeText?

  package func judge(
    _ issue: Issue, _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [any PlanFact] {
    [SolutionAccepted(institution: try plan.speaker(institution, context)?.id, reason: Disclosable(reason))]
  }
}
