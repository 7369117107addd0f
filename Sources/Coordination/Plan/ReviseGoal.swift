public import EventSourcing

/// Changes the wording or letter of a goal; its identity stays.
public struct ReviseGoal: PlanCommand {
  public static let name = "revise-goal"
  public static let summary = LocalizedText(de: "Ziel ändern", en: "Revise a goal")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [GoalRevised.self]
  public static let record = Record(
    Self.init(goal:letter:title:reason:source:),
    Field("goal", \.goal, de: "Kennung oder Code wie fachkraefte.a", en: "id, or code such as fachkraefte.a"),
    Field("letter", \.letter, de: "neuer Buchstabe; sonst bleibt er", en: "new letter; stays unless given"),
    Field("title", \.title, de: "neuer Wortlaut; sonst bleibt er", en: "new wording; stays unless given"),
    Field("reason", \.reason, de: "Grund", en: "reason; needed once the plan is adopted"),
    Field("source", \.source, de: "Fundstellen", en: "citations; needed once the plan is adopted"))

  public let goal: ItemReference
  public let letter: Slug?
  public let title: Label?
  public let reason: FreeText?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    guard let known = plan.goal(goal.text) else {
      throw .unknown("goal", goal.text, field: "goal", de: "Ziel", en: "goal")
    }
    let letter = letter?.text ?? known.letter
    let current = known.title(on: context.effectiveDate)
    let title = title?.text ?? current
    guard letter != known.letter || title != current else { return [] }
    if letter != known.letter,
      let holder = plan.goals.first(where: { $0.cluster == known.cluster && $0.letter == letter })
    {
      throw .taken("letter", letter ?? "", by: holder.id.description, field: "letter")
    }
    let subject = Subject("goals", known.id)
    try plan.requireGrounds(reason, source, toChange: subject, context)
    return [
      NewEvent(
        subject,
        GoalRevised(
          letter: letter.flatMap(Slug.init(normalized:)), title: try Label(title, field: "title"),
          reason: Disclosable(reason), source: source))
    ]
  }
}
