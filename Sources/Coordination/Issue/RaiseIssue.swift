public import EventSourcing

/// Raises a question or difficulty about a measure or the plan (§20).
public struct RaiseIssue: PlanCommand {
  public static let name = "raise-issue"
  public static let summary = LocalizedText(de: "Frage oder Hindernis melden", en: "Raise an issue")
  public static let roles = Set<Role>.participants
  public static let facts: [any PlanFact.Type] = [IssueRaised.self]
  public static let record = Record(
    Self.init(id:measure:institution:kind:text:wish:source:), Field("id", \.id),
    Field(
      "measure", \.measure, de: "Code oder Kennung; ohne Angabe der Plan", en: "code or id; the whole plan when absent"),
    Field(
      "institution", \.institution, de: "meldende Institution; sonst die eigene",
      en: "who raises it; your own unless given"),
    Field("kind", \.kind), Field("text", \.text, de: "worum es geht", en: "what it is about; can be erased later"),
    Field("wish", \.wish, de: "was gebraucht wird", en: "what is needed"), Field("source", \.source))

  public let id: IssueID?
  public let measure: MeasureReference?
  public let institution: PartyReference?
  public let kind: Issue.Kind
  public let text: FreeText
  public let wish: FreeText?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try plan.requireCited(source)
    let measure = if let measure { try plan.require(measure, field: "measure", context) } else { Measure?.none }
    if let measure { try Decider.refuseClosed(Self.self, plan.closing(of: measure.subject), context) }
    let raiser = try plan.speaker(institution, context)
    if let raiser, !Set<Role>.office.contains(context.actor.role) {
      try plan.requireAssigned(raiser, in: measure, on: context.effectiveDate)
    }
    return [
      NewEvent(
        Subject("issues", newID),
        IssueRaised(
          kind: kind, measure: measure?.id, institution: raiser?.id, text: Disclosable(text), wish: Disclosable(wish),
          source: source))
    ]
  }
}

extension Plan {
  /// Any role in the measure will do; for the plan as a whole, a role in any measure.
  func requireAssigned(_ institution: Party, in measure: Measure?, on date: LocalDate) throws(Refusal) {
    let candidates = measure.map { [$0] } ?? Array(measures.values)
    let isAssigned = candidates.contains { candidate in
      candidate.assignments.contains { $0.holds(on: date) && covers($0.holder, institution.id, on: date) }
    }
    try ensure(
      isAssigned,
      Refusal(
        .forbidden, "not-assigned", field: "institution",
        de: "Nur zugeordnete Institutionen können das melden.",
        en: "Only institutions with a role there may raise this.",
        facts: [.init("institution", .string(institution.slug))]))
  }
}
