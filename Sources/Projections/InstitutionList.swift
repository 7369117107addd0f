public import Coordination
public import EventSourcing

/// The institutions, groups and placeholders that are there on a day, with their names, relations and how many roles
/// they hold. Those that are gone have their cards.
public enum InstitutionList: View {
  public static let name = "institutions"
  public static let version = 4

  public static func items(of plan: Plan, validAt date: LocalDate) -> [ViewItem] {
    let roles = rolesByHolder(plan, date)
    return plan.parties.values.filter { $0.exists(on: date) }.sorted { $0.slug < $1.slug }.map {
      ViewItem(key: $0.slug, json: json($0, plan, date, roles[$0.id] ?? [:]))
    }
  }

  private static func json(
    _ party: Party, _ plan: Plan, _ date: LocalDate, _ roles: [Assignment.Role: Int]
  ) -> JSON {
    let members = party.memberships.filter { $0.holds(on: date) }
    let rest: JSON = [
      "kind": .string(party.kind),
      "aliases": .array(
        party.aliases.filter { $0.holds(on: date) }.map {
          ["name": .string($0.name), "presumed": .bool($0.isPresumed), "source": .citations($0.source)]
        }),
      "unitOf": .optional(plan.slug(of: party.unitOf(on: date))),
      "hostedBy": .optional(plan.slug(of: party.hostedBy(on: date))),
      "chair": party.chair(on: date).map { ["by": .optional(plan.slug(of: $0.by)), "kind": .string($0.kind.rawValue)] }
        ?? .null,
      "relativeTo": .optional(plan.slug(of: party.relativeTo)),
      "members": .array(members.map { .optional(plan.slug(of: $0.member)) }),
      "steward": .optional(plan.slug(of: party.steward)),
      "due": .optional(party.due),
      "roles": .object(Assignment.Role.allCases.map { .init($0.rawValue, .count(roles[$0] ?? 0)) }),
      "source": .citations(party.source + (plan.citations[party.id.value] ?? [])),
      "version": .integer(plan.subjects[party.id.value]?.version.value ?? 0),
    ]
    return .object(party.heading(date) + (rest.members ?? []))
  }

  private static func rolesByHolder(_ plan: Plan, _ date: LocalDate) -> [PartyID: [Assignment.Role: Int]] {
    var roles: [PartyID: [Assignment.Role: Int]] = [:]
    for measure in plan.measures.values where plan.lists(measure, on: date) {
      for assignment in measure.assignments where assignment.counts(on: date) {
        roles[assignment.holder, default: [:]][assignment.role(on: date), default: 0] += 1
      }
    }
    return roles
  }
}
