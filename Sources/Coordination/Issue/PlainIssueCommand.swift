public import EventSourcing

/// A step that needs nothing but the issue and may give a reason. Such steps differ in who may take them and where they
/// lead, not in their data.
public protocol PlainIssueCommand: IssueCommand {
  associatedtype Fact: PlainIssueFact
  var reason: FreeText? { get }
  init(issue: IssueID, reason: FreeText?)
}

extension PlainIssueCommand {
  public static var facts: [any PlanFact.Type] { [Fact.self] }

  public static var record: Record<Self> {
    .shared {
      Record(Self.init(issue:reason:), Field("issue", \.issue), Field("reason", \.reason))
    }
  }

  public func judge(
    _ issue: Issue, _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [any PlanFact] {
    [Fact(reason: Disclosable(reason))]
  }
}
