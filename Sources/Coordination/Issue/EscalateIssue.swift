package import EventSourcing

/// Takes an issue up the plan's ladder, one level at a time unless urgent (§21).
package struct EscalateIssue: PlanCommand {
  package static let name = "escalate-issue"
  package static let summary = LocalizedText(de: "Eskalieren", en: "Escalate an issue")
  package static let roles = Set<Role>.participants
  package static let facts: [any PlanFact.Type] = [IssueEscalated.self]
  package static let record = Record(
    Self.init(issue:level:urgent:deadline:reason:), Field("issue", \.issue),
    Field("level", \.level, de: "Stufe; sonst die nächste", en: "level of the ladder; the next one unless given"),
    Field("urgent", \.urgent, de: "eilt; darf Stufen überspringen", en: "urgent: may skip levels, with a reason"),
    Field("deadline", \.deadline, de: "bis wann entschieden werden soll", en: "by when a decision is due"),
    Field("reason", \.reason))

  package let issue: IssueID
  package let level: Slug?
  package let urgent: Bool?
  package let deadline: LocalDate
  package let reason: FreeText?

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    guard let issue = plan.issues[self.issue] else {
      throw .unknown("issue", self.issue.description, field: "issue", de: "Meldung", en: "issue")
    }
    try requireRight(issue, plan, context)
    let ladder = try plan.requireVersion().ladder
    let target = try targetLevel(of: issue, on: ladder)
    try ensure(
      ladder[target].mandate != .advise,
      Refusal(
        .rule, "no-mandate", field: "level", de: "Dieses Gremium berät und entscheidet nicht.",
        en: "The body at this level advises; it does not decide.",
        facts: [.init("level", .string(ladder[target].slug.text))]))
    try ensure(
      deadline >= context.today,
      Refusal(
        .rule, "deadline-in-past", field: "deadline", de: "Die Frist liegt in der Vergangenheit.",
        en: "The deadline lies in the past."))
    return [
      NewEvent(
        issue.subject,
        IssueEscalated(
          level: ladder[target].slug, urgent: urgent == true ? true : nil, deadline: deadline,
          reason: Disclosable(reason)))
    ]
  }

  private func requireRight(_ issue: Issue, _ plan: Plan, _ context: DecisionContext) throws(Refusal) {
    guard !Set<Role>.office.contains(context.actor.role), context.actor.role != .steering else { return }
    let own = try plan.actingInstitution(nil, context)
    let leads = issue.measure.flatMap { plan.measures[$0] }?.assignments.contains {
      $0.role == .lead && $0.holds(on: context.effectiveDate)
        && plan.covers($0.holder, own.id, on: context.effectiveDate)
    }
    try ensure(
      leads == true || issue.institution == own.id,
      Refusal(
        .forbidden, "not-yours", field: "issue", de: "Eskalieren darf, wer gemeldet hat oder die Federführung hat.",
        en: "Only who raised it or leads the measure may escalate it."))
  }

  private func targetLevel(of issue: Issue, on ladder: [LadderLevel]) throws(Refusal) -> Int {
    guard issue.level + 1 < ladder.count else {
      throw Refusal(
        .rule, "top-reached", field: "level", de: "Höher geht es nicht.",
        en: "The issue already is at the top of the ladder.",
        facts: [.init("ladder", .array(ladder.map { .string($0.slug.text) }))])
    }
    guard let level else { return issue.level + 1 }
    guard let index = ladder.firstIndex(where: { $0.slug == level }) else {
      throw .unknown("level", level.text, field: "level", de: "Stufe", en: "level")
    }
    try ensure(
      index > issue.level,
      Refusal(
        .rule, "not-upwards", field: "level", de: "Eskaliert wird nur nach oben.", en: "Escalation only goes upwards."))
    try ensure(
      index == issue.level + 1 || (urgent == true && reason != nil),
      Refusal(
        .rule, "level-skipped", field: "level", de: "Stufen werden nur in Eile und mit Begründung übersprungen.",
        en: "Levels may only be skipped when urgent, with a reason.",
        facts: [.init("next", .string(ladder[issue.level + 1].slug.text))]))
    return index
  }
}
