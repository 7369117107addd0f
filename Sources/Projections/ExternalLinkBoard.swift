public import Coordination
public import EventSourcing

/// Measures that another programme delivers, under the id that they have there (§28).
public enum ExternalLinkBoard: View {
  public static let name = "external-links"
  public static let version = 4
  /// After half a year without a word a status is no longer taken for the present one.
  public static let freshDays = 183

  public static func items(of plan: Plan, validAt date: LocalDate) -> [ViewItem] {
    plan.measuresInOrder(on: date).compactMap { measure in
      guard let external = measure.external(on: date) else { return nil }
      return ViewItem(key: measure.code(on: date), json: json(measure, external, plan, date))
    }
  }

  private static func json(
    _ measure: Measure, _ external: ExternalReference, _ plan: Plan, _ date: LocalDate
  ) -> JSON {
    let programme = plan.strategies.first { $0.slug == external.programme }
    return [
      "programme": ["slug": .string(external.programme), "title": .optional(programme?.title)],
      "externalID": .string(external.externalID),
      "measure": .string(measure.code(on: date)),
      "title": .string(measure.titles.value(at: date) ?? measure.titles.first ?? ""),
      "linkedOn": .string(external.from.description),
      "status": status(of: external, date),
      "findings": .array(findings(measure, external, plan, date).map { .string($0) }),
    ]
  }

  /// What does not fit between the two programmes.
  private static func findings(
    _ measure: Measure, _ external: ExternalReference, _ plan: Plan, _ date: LocalDate
  ) -> [String] {
    var findings: [String] = []
    if let status = external.statuses.value(at: date) {
      if date.daysSinceEpoch - status.date.daysSinceEpoch > freshDays { findings.append("stale") }
    } else if date.daysSinceEpoch - external.from.daysSinceEpoch > freshDays {
      findings.append("never-reported")
    }
    // It goes on here by itself, or has leads of its own, though the other programme leads it.
    let isLedHere = measure.assignments.contains { plan.leads($0, on: date) }
    if isLedHere || measure.state(on: date) != .external { findings.append("led-here-too") }
    return findings
  }

  /// What the other programme said last, by its own dates, and how old that is; null until it has said anything.
  private static func status(of external: ExternalReference, _ date: LocalDate) -> JSON {
    guard let status = external.statuses.value(at: date) else { return .null }
    return [
      "id": .string(status.id), "status": .string(status.status), "percent": .optional(status.percent),
      "date": .string(status.date.description),
      "ageDays": .integer(Int64(date.daysSinceEpoch - status.date.daysSinceEpoch)),
    ]
  }
}
