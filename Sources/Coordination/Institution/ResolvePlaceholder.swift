public import EventSourcing

/// Names who stands behind a placeholder, or drops it with a reason (§40). All that it holds moves in one step.
public struct ResolvePlaceholder: PlanCommand {
  public static let name = "resolve-placeholder"
  public static let summary = LocalizedText(de: "Platzhalter auflösen", en: "Resolve a placeholder")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [PlaceholderResolved.self] + AssignmentMove.facts
  public static let record = Record(
    Self.init(placeholder:institutions:reason:source:), Field("placeholder", \.placeholder),
    Field(
      "institutions", \.institutions, de: "wer es ist; ohne Angabe entfällt der Platzhalter",
      en: "who it is; without any the placeholder is dropped"),
    Field(
      "reason", \.reason, de: "Pflicht, wenn der Platzhalter entfällt", en: "needed when the placeholder is dropped"),
    Field("source", \.source))

  public let placeholder: PartyReference
  public let institutions: [PartyReference]
  public let reason: FreeText?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let placeholder = try plan.require(placeholder, field: "placeholder")
    try ensure(
      placeholder.noun == .placeholders,
      Refusal(
        .rule, "not-a-placeholder", field: "placeholder", de: "Das ist kein Platzhalter.",
        en: "This is not a placeholder."))
    if let resolution = placeholder.resolution {
      throw Refusal(
        .conflict, "already-resolved", field: "placeholder",
        de: "Der Platzhalter ist seit \(resolution.from.german) aufgelöst.",
        en: "The placeholder was resolved on \(resolution.from.english).")
    }
    try plan.requireCited(source)
    if institutions.isEmpty { try requireReason(reason) }
    var named: [PartyID] = []
    for reference in institutions {
      let party = try plan.requireInstitution(reference, field: "institutions")
      try plan.requireActive(party, on: context.effectiveDate, field: "institutions")
      if !named.contains(party.id) { named.append(party.id) }
    }
    return try [
      NewEvent(
        placeholder.subject,
        PlaceholderResolved(institutions: named, reason: Disclosable(reason), source: source))
    ]
      + AssignmentMove(date: context.effectiveDate, successors: named, field: "institutions")
      .events(moving: [placeholder.id], in: plan, &context)
  }
}
