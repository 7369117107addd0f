public import EventSourcing

/// Adds a task field (Aufgabenfeld) to a theme cluster.
public struct AddTaskField: PlanCommand {
  public static let name = "add-task-field"
  public static let summary = LocalizedText(de: "Aufgabenfeld anlegen", en: "Add a task field")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [TaskFieldAdded.self]
  public static let record = Record(
    Self.init(id:cluster:number:title:description:source:), Field("id", \.id), Field("cluster", \.cluster),
    Field("number", \.number, de: "Nummer, falls gedruckt", en: "number, where one is printed"),
    Field("title", \.title), Field("description", \.description), Field("source", \.source))

  public let id: Identifier<TaskField>?
  public let cluster: Slug
  public let number: Int?
  public let title: Label
  public let description: Label?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try plan.requireCited(source)
    let cluster = try plan.requireCluster(cluster, field: "cluster")
    try ensure(
      number.map { (1...99).contains($0) } ?? true,
      Int.invalid(field: "number", de: "Erwartet wird 1 bis 99.", en: "Expected 1 to 99."))
    try ensure(
      !plan.taskFields.contains { $0.cluster == cluster.id && $0.codeNumber == number ?? 1 },
      .taken("number", String(number ?? 1), by: cluster.slug, field: "number"))
    return [
      NewEvent(
        Subject("task-fields", newID),
        TaskFieldAdded(
          cluster: Identifier(cluster.id), number: number, title: title, description: description, source: source))
    ]
  }
}
