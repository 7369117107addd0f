package import Coordination
package import EventSourcing

/// What is missing or too much in the responsibilities: placeholders for those still to be named, measures without a
/// lead (§5), and more leads than the plan allows (§1).
package enum GapRegister: View {
  package static let name = "placeholders"
  package static let version = 3

  private enum Gap: String {
    case placeholder
    case noLead = "no-lead"
    case leadCap = "lead-cap"
  }

  package static func items(of plan: Plan, validAt date: LocalDate) -> [ViewItem] {
    let roles = plan.rolesByHolder(on: date)
    return plan.openPlaceholders(on: date).map { placeholder($0, roles[$0.id] ?? [], plan, date) }
      + MeasureBoard.ordered(plan, date).compactMap { noLead($0, plan, date) }
      + plan.measuresInOrder(on: date).flatMap { leadCap($0, plan, date) }
  }

  private static func item(_ gap: Gap, _ key: String, _ members: [JSON.Member]) -> ViewItem {
    ViewItem(key: "\(gap.rawValue) \(key)", json: .object([.init("gap", .string(gap.rawValue))] + members))
  }

  // MARK: - Placeholders

  private static func placeholder(
    _ party: Party, _ roles: [HeldRole], _ plan: Plan, _ date: LocalDate
  ) -> ViewItem {
    item(
      .placeholder, party.slug,
      [
        .init("placeholder", .object(party.heading(date))), .init("steward", .optional(plan.slug(of: party.steward))),
        .init("due", .optional(party.due)), .init("dueInferred", .bool(party.isDueInferred)),
        .init("overdueDays", .optional(party.due?.overdueDays(on: date))),
        .init("assignments", .array(roles.map { $0.json(date) })),
      ])
  }

  // MARK: - Measures without a lead

  /// How well a measure is led; a placeholder keeps the place of a lead, but is none.
  private enum Lead: Int, Comparable {
    case none, placeholder, institution

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  private static func noLead(_ measure: Measure, _ plan: Plan, _ date: LocalDate) -> ViewItem? {
    let state = plan.state(of: measure, on: date)
    let lead = lead(of: measure, plan, date)
    // Nobody needs to lead what is finished.
    guard lead < .institution, !state.isFinished else { return nil }
    let permit: String? =
      switch (state, lead) {
      case (.external, _): "external"
      case (.proposed, _): "proposed"
      case (_, .placeholder): "placeholder"
      default: nil
      }
    let parts = plan.parts(of: measure, on: date).filter { self.lead(of: $0, plan, date) < .institution }
    return item(
      .noLead, measure.code(on: date),
      [
        .init("measure", .string(measure.code(on: date))),
        .init("title", .string(measure.titles.value(at: date) ?? measure.titles.first ?? "")),
        .init("state", .string(state.rawValue)), .init("allowedAs", .optional(permit)),
        .init("parts", .array(parts.map { .string($0.code(on: date)) })),
      ])
  }

  /// A measure without a lead of its own is led as well as the worst led of its parts.
  private static func lead(of measure: Measure, _ plan: Plan, _ date: LocalDate) -> Lead {
    let own = measure.assignments.filter { plan.leads($0, on: date) }.map { assignment -> Lead in
      plan.parties[assignment.holder]?.noun == .placeholders ? .placeholder : .institution
    }
    let parts = plan.parts(of: measure, on: date).map { lead(of: $0, plan, date) }
    return max(own.max() ?? .none, parts.min() ?? .none)
  }

  // MARK: - Too many leads

  private static func leadCap(_ measure: Measure, _ plan: Plan, _ date: LocalDate) -> [ViewItem] {
    guard let version = plan.version(on: date) else { return [] }
    let leads = measure.assignments.filter { plan.leads($0, on: date) }
    let byPhase = Dictionary(grouping: leads, by: \.phase).mapValues { Set($0.map(\.holder)) }
    return byPhase.sorted { $0.key ?? "" < $1.key ?? "" }.compactMap { phase, holders in
      let cap = version.leadCap(of: measure, phase: phase, on: date)
      guard holders.count > cap else { return nil }
      return item(
        .leadCap, "\(measure.code(on: date)) \(phase ?? "")",
        [
          .init("measure", .string(measure.code(on: date))), .init("phase", .optional(phase)),
          .init("leads", .array(holders.compactMap { plan.parties[$0]?.slug }.sorted().map { .string($0) })),
          .init("leadCap", .count(cap)),
        ])
    }
  }
}
