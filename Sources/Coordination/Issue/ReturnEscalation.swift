public import EventSourcing

/// Returns an escalated issue one level down the ladder, with a reason (Rückgabe).
public struct ReturnEscalation: IssueCommand {
  public static let name = "return-escalation"
  public static let summary = LocalizedText(de: "Eskalation zurückgeben", en: "Return an escalation")
  public static let facts: [any PlanFact.Type] = [EscalationReturned.self]
  public static let step = Issue.Step.returnEscalation
  public static let sides: [Issue.Side] = [.office, .steering]
  public static let record = Record(
    Self.init(issue:body:reason:), Field("issue", \.issue),
    Field("body", \.body, de: "Gremium, das zurückgibt", en: "the body that returns it"), Field("reason", \.reason))

  public let issue: IssueID
  public let body: PartyReference
  public let reason: FreeText

  public func judge(
    _ issue: Issue, _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [any PlanFact] {
    let body = try plan.requireSeat(body, before: issue, context)
    return [
      EscalationReturned(level: try plan.levelBelow(issue, context), body: body.id, reason: Disclosable(reason))
    ]
  }
}

extension Plan {
  /// The body that an issue lies before, for which the actor sits there or which the office writes for.
  func requireSeat(
    _ reference: PartyReference, before issue: Issue, _ context: DecisionContext
  ) throws(Refusal) -> Party {
    let body = try require(reference, field: "body")
    let level = issue.level.flatMap { ladderLevel($0, on: context.effectiveDate) }
    if let seat = level?.body {
      try ensure(
        seat.text == body.slug,
        Refusal(
          .rule, "no-mandate", field: "body", de: "Die Meldung liegt einem anderen Gremium vor.",
          en: "The issue lies before another body.",
          facts: [.init("level", issue.level.map { .string($0) } ?? .null), .init("body", .string(seat.text))]))
    }
    guard !Set<Role>.office.contains(context.actor.role) else { return body }
    let own = context.actor.institution.flatMap { party($0) }
    try ensure(
      own.map { covers(body.id, $0.id, on: context.effectiveDate) } ?? false,
      Refusal(
        .forbidden, "not-seated", field: "body", de: "Sie haben in diesem Gremium keinen Sitz.",
        en: "You have no seat in this body on that day.", facts: [.init("body", .string(body.slug))]))
    return body
  }

  /// The level that an issue falls back to.
  func levelBelow(_ issue: Issue, _ context: DecisionContext) throws(Refusal) -> Slug {
    let ladder = ladder(on: context.effectiveDate)
    guard let index = ladder.firstIndex(where: { $0.slug.text == issue.level }), index > 0 else {
      throw Refusal(
        .rule, "bottom-reached", field: "issue", de: "Tiefer geht es nicht.",
        en: "There is no level below on the ladder.",
        facts: [.init("ladder", .array(ladder.map { .string($0.slug.text) }))])
    }
    return ladder[index - 1].slug
  }
}
