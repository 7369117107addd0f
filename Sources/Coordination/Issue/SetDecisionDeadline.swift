public import EventSourcing

/// Sets a new date for a decision (Entscheidungsfrist). A missed one stays on record, and the clock starts again.
public struct SetDecisionDeadline: IssueCommand {
  public static let name = "set-decision-deadline"
  public static let summary = LocalizedText(de: "Entscheidungsfrist setzen", en: "Set a decision deadline")
  public static let facts: [any PlanFact.Type] = [DecisionDeadlineSet.self]
  public static let step = Issue.Step.setDeadline
  public static let sides: [Issue.Side] = [.office, .steering]
  public static let record = Record(
    Self.init(issue:deadline:reason:), Field("issue", \.issue),
    Field("deadline", \.deadline, de: "bis wann entschieden werden soll", en: "by when a decision is due"),
    Field("reason", \.reason))

  public let issue: IssueID
  public let deadline: LocalDate
  public let reason: FreeText?

  public func judge(
    _ issue: Issue, _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [any PlanFact] {
    try context.requireAhead(deadline, field: "deadline")
    try ensure(
      issue.deadline != deadline,
      Refusal(
        .conflict, "already-set", field: "deadline", de: "Diese Frist gilt schon.",
        en: "This deadline already holds."))
    return [DecisionDeadlineSet(deadline: deadline, reason: Disclosable(reason))]
  }
}

extension DecisionContext {
  /// A deadline may be the day on which it is set, but not earlier. What was set long ago may have passed since, which
  /// the office alone records: nobody else sets one that the clock would call missed at once.
  func requireAhead(_ deadline: LocalDate, field: String) throws(Refusal) {
    let isOffice = Set<Role>.office.contains(actor.role)
    try ensure(
      deadline >= effectiveDate && (isOffice || deadline >= today),
      Refusal(
        .rule, "deadline-in-past", field: field,
        de: "Die Frist liegt vor dem Tag, an dem sie gesetzt wird (\(effectiveDate.german)).",
        en: "The deadline precedes the day on which it is set (\(effectiveDate.english)).",
        facts: [.init("set", .string(effectiveDate.description))]))
  }
}
