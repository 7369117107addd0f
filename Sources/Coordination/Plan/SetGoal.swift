package import EventSourcing

/// Sets a goal (Ziel) of a theme cluster.
package struct SetGoal: PlanCommand {
  package static let name = "set-goal"
  package static let summary = LocalizedText(de: "Ziel festlegen", en: "Set a goal")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [GoalSet.self]
  package static let record = Record(
    Self.init(id:cluster:letter:title:source:), Field("id", \.id), Field("cluster", \.cluster),
    Field("letter", \.letter, de: "Buchstabe, falls gedruckt", en: "letter, where one is printed"),
    Field("title", \.title), Field("source", \.source))

  package let id: Identifier<Goal>?
  package let cluster: Slug
  package let letter: Slug?
  package let title: Label
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
