public import EventSourcing

/// Decides on an escalated issue on behalf of the body it lies before (Entscheidung, §22).
public struct DecideEscalation: IssueCommand {
  /// What somebody is to do because of the decision.
  public struct FollowUpOrder: RecordFieldValue, Hashable {
    public let id: Identifier<Issue.FollowUp>?
    public let text: FreeText
    public let responsible: PartyReference
    public let due: LocalDate

    public static let record = Record(
      Self.init(id:text:responsible:due:), Field("id", \.id),
      Field("text", \.text, de: "was zu tun ist", en: "what is to be done; can be erased later"),
      Field("responsible", \.responsible, de: "wer es tut", en: "who does it"),
      Field("due", \.due, de: "bis wann", en: "by when"))
  }

  public static let name = "decide-escalation"
  public static let summary = LocalizedText(de: "Über eine Eskalation entscheiden", en: "Decide an escalation")
  public static let facts: [any PlanFact.Type] = [EscalationDecided.self, FollowUpAssigned.self]
  public static let step = Issue.Step.decide
  public static let sides: [Issue.Side] = [.office, .steering]
  public static let record = Record(
    Self.init(issue:body:outcome:text:deferredTo:followUps:noFollowUp:), Field("issue", \.issue),
    Field("body", \.body, de: "Gremium, das entscheidet", en: "the body that decides"),
    Field(
      "outcome", \.outcome, de: "entscheiden, zurückgeben, vertagen, ablehnen",
      en: "decide, return one level down, defer, refuse"),
    Field("text", \.text, de: "die Entscheidung", en: "the decision; can be erased later"),
    Field("deferredTo", \.deferredTo, de: "neue Frist (nur bei defer)", en: "the new deadline (defer only)"),
    Field("followUps", \.followUps, de: "Folgeaufträge", en: "what is to be done by whom"),
    Field("noFollowUp", \.noFollowUp, de: "ausdrücklich kein Folgeauftrag", en: "explicitly nothing is to be done"))

  public let issue: IssueID
  public let body: PartyReference
  public let outcome: Issue.Decision.Outcome
  public let text: FreeText?
  public let deferredTo: LocalDate?
  public let followUps: [FollowUpOrder]
  public let noFollowUp: Bool?

  public func judge(
    _ issue: Issue, _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [any PlanFact] {
    let body = try plan.requireSeat(body, before: issue, context)
    let level = try requireMandate(issue, plan, context)
    try requireDate(context)
    let followUps = try assign(followUps, plan, &context)
    let decision = EscalationDecided(
      outcome: outcome, body: body.id, level: level, deferredTo: deferredTo,
      returnedTo: outcome == .return ? try plan.levelBelow(issue, context) : nil,
      noFollowUp: noFollowUp == true ? true : nil,
      text: Disclosable(text))
    return [decision] + followUps
  }

  /// The ladder may have changed since the escalation; what counts is the mandate of the day.
  private func requireMandate(
    _ issue: Issue, _ plan: Plan, _ context: DecisionContext
  ) throws(Refusal) -> Slug {
    guard let level = issue.level.flatMap({ plan.ladderLevel($0, on: context.effectiveDate) }), level.mandate != .advise
    else {
      throw Refusal(
        .rule, "no-mandate", field: "body", de: "Dieses Gremium berät und entscheidet nicht.",
        en: "The body at this level advises; it does not decide.",
        facts: [.init("level", issue.level.map { .string($0) } ?? .null)])
    }
    return level.slug
  }

  private func requireDate(_ context: DecisionContext) throws(Refusal) {
    guard outcome == .defer else {
      return try ensure(
        deferredTo == nil,
        LocalDate.invalid(
          field: "deferredTo", de: "Nur eine Vertagung nennt eine neue Frist.",
          en: "Only a deferral sets a new deadline."
        ))
    }
    guard let deferredTo else {
      throw Refusal(
        .rule, "date-missing", field: "deferredTo", de: "Eine Vertagung braucht eine neue Frist.",
        en: "A deferral needs a new deadline.")
    }
    try context.requireAhead(deferredTo, field: "deferredTo")
  }

  /// Each order becomes an event of its own, because its text must be erasable on its own.
  private func assign(
    _ orders: [FollowUpOrder], _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [any PlanFact] {
    try ensure(
      !orders.isEmpty || noFollowUp == true,
      Refusal(
        .rule, "follow-up-missing", field: "followUps",
        de: "Eine Entscheidung nennt einen Folgeauftrag oder sagt ausdrücklich, dass es keinen gibt.",
        en: "A decision names a follow-up or says explicitly that there is none."))
    try ensure(
      orders.isEmpty || noFollowUp != true,
      Bool.invalid(
        field: "noFollowUp", de: "Entweder Folgeaufträge oder keiner.", en: "Either follow-ups or none at all."))
    var facts: [any PlanFact] = []
    var taken: Set<EntityID> = []
    for (index, order) in orders.enumerated() {
      let id = order.id?.value ?? context.newID()
      let field = "followUps[\(index)]"
      if let holder = plan.issuesByFollowUp[id] {
        throw .taken("id", id.description, by: holder.description, field: "\(field).id")
      }
      try ensure(
        taken.insert(id).inserted,
        .taken("id", id.description, by: issue.description, field: "\(field).id"))
      let responsible = try plan.require(order.responsible, field: "\(field).responsible")
      try context.requireAhead(order.due, field: "\(field).due")
      facts.append(
        FollowUpAssigned(
          followUp: Identifier(id), responsible: responsible.id, due: order.due, text: Disclosable(order.text)))
    }
    return facts
  }
}
