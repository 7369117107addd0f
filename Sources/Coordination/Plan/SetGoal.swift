public import EventSourcing

/// Sets a goal (Ziel) of a theme cluster.
public struct SetGoal: PlanCommand {
  public static let name = "set-goal"
  public static let summary = LocalizedText(de: "Ziel festlegen", en: "Set a goal")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [GoalSet.self]
  public static let record = Record(
    Self.init(id:cluster:letter:title:source:), Field("id", \.id), Field("cluster", \.cluster),
    Field("letter", \.letter, de: "Buchstabe, falls gedruckt", en: "letter, where one is printed"),
    Field("title", \.title), Field("source", \.source))

  public let id: Identifier<Goal>?
  public let cluster: Slug
  public let letter: Slug?
  public let title: Label
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try plan.requireCited(source)
    let cluster = try plan.requireCluster(cluster, field: "cluster")
    try ensure(
      !plan.goals.contains { $0.cluster == cluster.id && $0.letter == letter?.text },
      .taken("letter", letter?.text ?? "", by: cluster.slug, field: "letter"))
    return [
      NewEvent(
        Subject("goals", newID), GoalSet(cluster: Identifier(cluster.id), letter: letter, title: title, source: source))
    ]
  }
}
