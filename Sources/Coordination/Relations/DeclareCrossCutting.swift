public import EventSourcing

/// Declares that a cluster, or a theme beside the clusters, concerns the whole plan (Querschnittsthema).
public struct DeclareCrossCutting: PlanCommand {
  public static let name = "declare-cross-cutting"
  public static let summary = LocalizedText(de: "Querschnittsthema angeben", en: "Declare a cross-cutting theme")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [CrossCuttingDeclared.self]
  public static let record = Record(
    Self.init(id:cluster:theme:source:), Field("id", \.id),
    Field("cluster", \.cluster, de: "Kurzname eines Themenclusters", en: "slug of a theme cluster"),
    Field("theme", \.theme, de: "oder: Thema außerhalb der Cluster", en: "or: a theme beside the clusters"),
    Field("source", \.source)
  ).withEither("cluster", "theme")

  public let id: Identifier<Link>?
  public let cluster: Slug?
  public let theme: Label?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    try plan.requireCited(source)
    try ensure((cluster == nil) != (theme == nil), .either("cluster", "theme"))
    let link = id ?? Identifier(context.newID())
    let known = if let cluster { try plan.requireCluster(cluster, field: "cluster") } else { ThemeCluster?.none }
    let target = known.map { Link.Target.cluster($0.id) } ?? .theme(theme?.text ?? "")
    try plan.requireNewLink(
      .crossCutting, link, from: nil, to: target, on: context.effectiveDate, field: known == nil ? "theme" : "cluster")
    return [
      NewEvent(
        plan.subject,
        CrossCuttingDeclared(link: link, cluster: known.map { Identifier($0.id) }, theme: theme, source: source))
    ]
  }
}
