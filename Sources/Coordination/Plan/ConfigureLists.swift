package import EventSourcing

/// Sets the lists of the current version that reports and priorities choose from; a list that is not given stays.
package struct ConfigureLists: PlanCommand {
  package static let name = "configure-lists"
  package static let summary = LocalizedText(de: "Listen des Plans festlegen", en: "Configure the plan's lists")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [ListsConfigured.self]
  package static let record = Record(
    Self.init(conditions:horizons:labels:),
    Field("conditions", \.conditions, de: "Zustände, bester zuerst", en: "conditions, best first"),
    Field("horizons", \.horizons, de: "Zeithorizonte, nächster zuerst", en: "horizons, nearest first"),
    Field("labels", \.labels, de: "Bezeichnungen von Zuständen", en: "what states, conditions and horizons are called"))

  package let conditions: [Slug]
  package let horizons: [Slug]
  package let labels: [ListLabel]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
