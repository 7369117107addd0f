public import Coordination
public import EventSourcing

/// Who does what: one row for each institution, group and placeholder that is there on a day, with its measures by role
/// and phase; and for those that are gone and still named somewhere.
public enum ResponsibilityMatrix: View {
  public static let name = "responsibilities"
  public static let version = 4

  public static func items(of plan: Plan, validAt date: LocalDate) -> [ViewItem] {
    let roles = plan.rolesByHolder(on: date)
    let placeholders = Dictionary(grouping: plan.openPlaceholders(on: date), by: \.steward)
    let shown = plan.parties.values.filter { $0.exists(on: date) || roles[$0.id] != nil || placeholders[$0.id] != nil }
    return shown.sorted { $0.slug < $1.slug }.map { party in
      ViewItem(key: party.slug, json: row(party, roles[party.id] ?? [], placeholders[party.id] ?? [], plan, date))
    }
  }

  private static func row(
    _ party: Party, _ roles: [HeldRole], _ placeholders: [Party], _ plan: Plan, _ date: LocalDate
  ) -> JSON {
    let byRole = Dictionary(grouping: roles, by: { $0.assignment.role(on: date) })
    return [
      "institution": .object(party.heading(date)),
      "roles": .object(Assignment.Role.allCases.map { .init($0.rawValue, phases(byRole[$0] ?? [], date)) }),
      "unclear": .array((byRole[.unclear] ?? []).map { $0.json(date) }),
      // Silence is never taken for acceptance.
      "unaccepted": .array(roles.filter { $0.assignment.state(on: date) == .named }.map { $0.json(date) }),
      "placeholders": .array(
        placeholders.map { ["slug": .string($0.slug), "due": .optional($0.due)] }),
      "leadCapExceptions": leadCapExceptions(byRole[.lead] ?? [], date),
    ]
  }

  /// The measures and phases that it leads under an exception, and how many leads those may have (§1).
  private static func leadCapExceptions(_ leads: [HeldRole], _ date: LocalDate) -> JSON {
    var exceptions: [JSON] = []
    for lead in leads where lead.assignment.leads(on: date) {
      let phase = lead.assignment.phase
      guard let allowed = lead.measure.leadCapException(phase: phase, on: date) else { continue }
      let exception: JSON = [
        "measure": .string(lead.measure.code(on: date)), "phase": .optional(phase), "leads": .count(allowed),
      ]
      // One institution may lead for several subjects.
      if !exceptions.contains(exception) { exceptions.append(exception) }
    }
    return .array(exceptions)
  }

  /// The codes by phase: first those for all phases, then each phase in the order of the plan.
  private static func phases(_ roles: [HeldRole], _ date: LocalDate) -> JSON {
    var phases: [String?] = [nil]
    var codes: [String?: [String]] = [:]
    for role in roles {
      let phase = role.assignment.phase
      if !phases.contains(phase) { phases.append(phase) }
      // One institution may have a role in a measure more than once, for different subjects.
      let code = role.measure.code(on: date)
      if codes[phase]?.last != code { codes[phase, default: []].append(code) }
    }
    return .array(
      phases.compactMap { phase in
        codes[phase].map { ["phase": .optional(phase), "measures": .array($0.map { .string($0) })] }
      })
  }
}
