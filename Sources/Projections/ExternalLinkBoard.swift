package import Coordination
package import EventSourcing

/// Measures that another programme delivers, under the id that they have there (§28).
package enum ExternalLinkBoard: View {
  package static let name = "external-links"
  package static let version = 1

  package static func items(of plan: Plan, validAt date: LocalDate) -> [ViewItem] {
    plan.measuresInOrder.compactMap { measure in
      guard let external = measure.external, external.from <= date else { return nil }
      return ViewItem(key: measure.code, json: json(measure, external, plan, date))
    }
  }

  private static func json(
    _ measure: Measure, _ external: ExternalReference, _ plan: Plan, _ date: LocalDate
  ) -> JSON {
    let programme = plan.strategies.first { $0.slug == external.programme }
    return [
      "programme": ["slug": .string(external.programme), "title": .optional(programme?.title)],
      "externalID": .string(external.externalID),
      "measure": .string(measure.code),
      "title": .string(measure.titles.value(at: date) ?? measure.titles.first ?? ""),
      "linkedOn": .string(external.from.description),
      "status": status(of: external, date),
    ]
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
