public import EventSourcing

/// Says that a measure no longer waits: what it waited for is there, or is not needed.
public struct LiftDependency: PlanCommand {
  public static let name = "lift-dependency"
  public static let summary = LocalizedText(de: "Abhängigkeit aufheben", en: "Lift a dependency")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [DependencyLifted.self]
  public static let record = Record(
    Self.init(link:reason:), Field("link", \.link, de: "Kennung der Abhängigkeit", en: "id of the dependency"),
    Field("reason", \.reason, de: "Grund", en: "reason"))

  public let link: Identifier<Link>
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let known = try plan.requireLink(link, on: context.effectiveDate)
    try ensure(
      known.kind == .dependsOn,
      Refusal(
        .rule, "not-a-dependency", field: "link", de: "Dieser Verweis ist keine Abhängigkeit.",
        en: "This link is not a dependency.", facts: [.init("kind", .string(known.kind.rawValue))]))
    return [NewEvent(plan.subject(of: known), DependencyLifted(link: link, reason: Disclosable(reason)))]
  }
}
