package import Coordination
package import EventSourcing

/// Measures that another programme delivers, under the id that they have there (§28).
package enum ExternalLinkBoard: View {
  package static let name = "external-links"
  package static let version = 1

  package static func items(of plan: Plan, validAt date: LocalDate) -> [ViewItem] {
    plan.measuresInOrder.compactMap { measure in
      guard let external = measure.external, let linked = linkedOn(measure), linked <= date else { return nil }
      return ViewItem(key: measure.code, json: json(measure, external, linked, plan, date))
    }
  }

  private static func json(
    _ measure: Measure, _ external: ExternalReference, _ linked: LocalDate, _ plan: Plan, _ date: LocalDate
  ) -> JSON {
    let programme = plan.strategies.first { $0.slug == external.programme }
    return [
      "programme": ["slug": .string(external.programme), "title": .optional(programme?.title)],
      "externalID": .string(external.externalID),
      "measure": .string(measure.code),
      "title": .string(measure.titles.value(at: date) ?? measure.titles.first ?? ""),
      "linkedOn": .string(linked.description),
      "status": status(of: measure, date),
    ]
  }

  private static func linkedOn(_ measure: Measure) -> LocalDate? {
    measure.states.entries.first { $0.value == .external }?.effectiveDate
  }

  /// What the other programme said last and how old that is; null until it has said anything.
  private static func status(of measure: Measure, _ date: LocalDate) -> JSON { .null }
}
