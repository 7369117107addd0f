public import EventSourcing

/// Records that what a decision asked for is done.
public struct CompleteFollowUp: PlanCommand {
  public static let name = "complete-follow-up"
  public static let summary = LocalizedText(de: "Folgeauftrag erledigen", en: "Complete a follow-up")
  public static let roles = Set<Role>.participants
  public static let facts: [any PlanFact.Type] = [FollowUpCompleted.self]
  public static let record = Record(
    Self.init(followUp:text:), Field("followUp", \.followUp),
    Field("text", \.text, de: "was getan wurde", en: "what was done; can be erased later"))

  public let followUp: Identifier<Issue.FollowUp>
  public let text: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    guard let issue = plan.issuesByFollowUp[followUp.value].flatMap({ plan.issues[$0] }),
      let known = issue.followUps.first(where: { $0.id == followUp.value })
    else {
      throw .unknown("follow-up", followUp.description, field: "followUp", de: "Folgeauftrag", en: "follow-up")
    }
    if let speaker = try plan.speaker(nil, context) {
      try ensure(
        plan.covers(known.responsible, speaker.id, on: context.effectiveDate),
        Refusal(
          .forbidden, "not-yours", field: "followUp", de: "Das erledigt, wer beauftragt ist, oder die Geschäftsstelle.",
          en: "Only who is responsible, or the office, completes it."))
    }
    if let completed = known.completed {
      throw Refusal(
        .conflict, "already-completed", field: "followUp", de: "Der Folgeauftrag ist schon erledigt.",
        en: "The follow-up is already completed.", facts: [.init("date", .string(completed.date.description))])
    }
    try ensure(
      context.effectiveDate >= known.assigned.date,
      Refusal(
        .rule, "before-start", field: "effectiveDate", de: "Das Wirkdatum liegt vor dem Auftrag.",
        en: "The effective date precedes the follow-up.",
        facts: [.init("start", .string(known.assigned.date.description))]))
    return [NewEvent(issue.subject, FollowUpCompleted(followUp: followUp, text: Disclosable(text)))]
  }
}
