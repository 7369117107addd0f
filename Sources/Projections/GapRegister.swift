public import Coordination
public import EventSourcing

/// What is missing or too much in the responsibilities: placeholders for those still to be named, measures without a
/// lead (§5), and more leads than the plan allows (§1).
public enum GapRegister: View {
  public static let name = "placeholders"
  public static let version = 4

  private enum Gap: String {
    case placeholder
    case noLead = "no-lead"
    case leadCap = "lead-cap"
  }

  public static func items(of plan: Plan, validAt date: LocalDate) -> [ViewItem] {
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

  private static func noLead(_ measure: Measure, _ plan: Plan, _ date: LocalDate) -> ViewItem? {
    guard plan.lacksLead(measure, on: date) else { return nil }
    let state = plan.state(of: measure, on: date)
    let permit: String? =
      switch (state, plan.leadership(of: measure, on: date)) {
      case (.external, _): "external"
      case (.proposed, _): "proposed"
      case (_, .placeholder): "placeholder"
      default: nil
      }
    let parts = plan.partsToLead(of: measure, on: date).filter { plan.leadership(of: $0, on: date) < .institution }
    return item(
      .noLead, measure.code(on: date),
      [
        .init("measure", .string(measure.code(on: date))),
        .init("title", .string(measure.titles.value(at: date) ?? measure.titles.first ?? "")),
        .init("state", .string(state.rawValue)), .init("allowedAs", .optional(permit)),
        .init("parts", .array(parts.map { .string($0.code(on: date)) })),
      ])
  }

  // MARK: - Too many leads

  private static func leadCap(_ measure: Measure, _ plan: Plan, _ date: LocalDate) -> [ViewItem] {
    guard let version = plan.version(of: measure) else { return [] }
    return plan.phasesLed(in: measure, on: date).compactMap { phase in
      let holders = plan.leads(of: measure, in: phase, on: date)
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
