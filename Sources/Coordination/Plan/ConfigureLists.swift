public import EventSourcing

/// Sets the lists of the current version that reports and priorities choose from; a list that is not given stays.
public struct ConfigureLists: PlanCommand {
  public static let name = "configure-lists"
  public static let summary = LocalizedText(de: "Listen des Plans festlegen", en: "Configure the plan's lists")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [ListsConfigured.self]
  public static let record = Record(
    Self.init(conditions:horizons:labels:),
    Field("conditions", \.conditions, de: "Zustände, bester zuerst", en: "conditions, best first"),
    Field("horizons", \.horizons, de: "Zeithorizonte, nächster zuerst", en: "horizons, nearest first"),
    Field("labels", \.labels, de: "Bezeichnungen von Zuständen", en: "what states, conditions and horizons are called"))

  public let conditions: [Slug]
  public let horizons: [Slug]
  public let labels: [ListLabel]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let version = try plan.requireVersion()
    try requireUnique(conditions, field: "conditions")
    try requireUnique(horizons, field: "horizons")
    try requireUnique(labels.map(\.slug), field: "labels")
    let chosen = ListsConfigured(
      version: Identifier(version.id),
      conditions: conditions.isEmpty ? version.conditions.compactMap(Slug.init(normalized:)) : conditions,
      horizons: horizons.isEmpty ? version.horizons.compactMap(Slug.init(normalized:)) : horizons,
      labels: labels.isEmpty ? version.labels : labels)
    let isSame =
      chosen.conditions.map(\.text) == version.conditions && chosen.horizons.map(\.text) == version.horizons
      && chosen.labels == version.labels
    return isSame ? [] : [NewEvent(plan.subject, chosen)]
  }

  private func requireUnique(_ entries: [Slug], field: String) throws(Refusal) {
    var seen: Set<Slug> = []
    guard let twice = entries.first(where: { !seen.insert($0).inserted }) else { return }
    throw Refusal(
      .rule, "duplicate-entry", field: field, de: "„\(twice)“ steht zweimal in der Liste.",
      en: "“\(twice)” is in the list twice.", facts: [.init("entry", .string(twice.text))])
  }
}
