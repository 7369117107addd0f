public import EventSourcing

/// Begins a plan. It is the only command that finds no plan yet; the service gives it the plan's id.
public struct CreatePlan: PlanCommand {
  public static let name = "create-plan"
  public static let summary = LocalizedText(de: "Plan anlegen", en: "Create a plan")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [PlanCreated.self]
  public static let record = Record(
    Self.init(slug:title:source:),
    Field("slug", \.slug, de: "Kurzname in Adressen", en: "short name used in URLs"),
    Field("title", \.title, de: "Titel", en: "title"),
    Field("source", \.source, de: "Fundstellen", en: "citations"))

  public let slug: Slug
  public let title: Label
  public let source: [Citation]

  public init(slug: Slug, title: Label, source: [Citation] = []) {
    self.slug = slug
    self.title = title
    self.source = source
  }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    try ensure(
      plan.size == .zero,
      Refusal(.conflict, "plan-exists", de: "Den Plan gibt es schon.", en: "The plan already exists."))
    return [NewEvent(plan.subject, PlanCreated(slug: slug, title: title, source: source))]
  }
}
