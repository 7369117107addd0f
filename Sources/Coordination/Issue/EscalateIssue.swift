public import EventSourcing

/// Takes an issue up the plan's ladder, one level at a time unless urgent (§21).
public struct EscalateIssue: IssueCommand {
  public static let name = "escalate-issue"
  public static let summary = LocalizedText(de: "Eskalieren", en: "Escalate an issue")
  public static let facts: [any PlanFact.Type] = [IssueEscalated.self]
  public static let step = Issue.Step.escalate
  public static let sides: [Issue.Side] = [.office, .steering, .raiser, .lead]
  public static let record = Record(
    Self.init(issue:level:urgent:deadline:reason:), Field("issue", \.issue),
    Field("level", \.level, de: "Stufe; sonst die nächste", en: "level of the ladder; the next one unless given"),
    Field("urgent", \.urgent, de: "eilt; darf Stufen überspringen", en: "urgent: may skip levels, with a reason"),
    Field("deadline", \.deadline, de: "bis wann entschieden werden soll", en: "by when a decision is due"),
    Field("reason", \.reason))

  public let issue: IssueID
  public let level: Slug?
  public let urgent: Bool?
  public let deadline: LocalDate
  public let reason: FreeText?

  public func judge(
    _ issue: Issue, _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [any PlanFact] {
    _ = try plan.requireVersion()
    let ladder = plan.ladder(on: context.effectiveDate)
    let target = ladder[try targetLevel(of: issue, on: ladder)]
    try ensure(
      target.mandate != .advise,
      Refusal(
        .rule, "no-mandate", field: "level", de: "Dieses Gremium berät und entscheidet nicht.",
        en: "The body at this level advises; it does not decide.",
        facts: [.init("level", .string(target.slug.text))]))
    try context.requireAhead(deadline, field: "deadline")
    return [
      IssueEscalated(
        level: target.slug, urgent: urgent == true ? true : nil, deadline: deadline, reason: Disclosable(reason))
    ]
  }

  private func targetLevel(of issue: Issue, on ladder: [LadderLevel]) throws(Refusal) -> Int {
    // Where the ladder no longer has its level, an issue starts at the bottom again.
    let current = ladder.firstIndex { $0.slug.text == issue.level } ?? 0
    guard current + 1 < ladder.count else {
      throw Refusal(
        .rule, "top-reached", field: "level", de: "Höher geht es nicht.",
        en: "The issue already is at the top of the ladder.",
        facts: [.init("ladder", .array(ladder.map { .string($0.slug.text) }))])
    }
    guard let level else { return current + 1 }
    guard let index = ladder.firstIndex(where: { $0.slug == level }) else {
      throw .unknown("level", level.text, field: "level", de: "Stufe", en: "level")
    }
    try ensure(
      index > current,
      Refusal(
        .rule, "not-upwards", field: "level", de: "Eskaliert wird nur nach oben.", en: "Escalation only goes upwards."))
    try ensure(
      index == current + 1 || (urgent == true && reason != nil),
      Refusal(
        .rule, "level-skipped", field: "level", de: "Stufen werden nur in Eile und mit Begründung übersprungen.",
        en: "Levels may only be skipped when urgent, with a reason.",
        facts: [.init("next", .string(ladder[current + 1].slug.text))]))
    return index
  }
}
