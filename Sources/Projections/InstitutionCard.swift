public import Coordination
public import EventSourcing

/// The card of an institution, group or placeholder: what it is called and was called, what it belongs to, and
/// everything it holds on a day, also through a group.
public enum InstitutionCard {
  public static let name = "institution"
  public static let version = 4

  /// What every card is looked up in, in its order: put in order once for all cards of a plan.
  struct Directory {
    let parties: [Party]
    let measures: [Measure]
    let issues: [Issue]

    init(of plan: Plan, _ date: LocalDate) {
      parties = plan.parties.values.sorted { $0.slug < $1.slug }
      measures = plan.measuresInOrder(on: date)
      issues = plan.issues.values.filter { $0.states.entry(at: date) != nil }.sorted { $0.raisedAt < $1.raisedAt }
    }
  }

  public static func json(_ party: Party, _ plan: Plan, _ date: LocalDate) -> JSON {
    json(party, plan, date, Directory(of: plan, date))
  }

  /// The cards of all parties of a plan, by their slugs.
  static func all(of plan: Plan, _ date: LocalDate) -> [JSON] {
    let directory = Directory(of: plan, date)
    return directory.parties.map { json($0, plan, date, directory) }
  }

  private static func json(_ party: Party, _ plan: Plan, _ date: LocalDate, _ directory: Directory) -> JSON {
    .object(
      party.heading(date) + [
        .init("kind", .string(party.kind)), .init("names", names(party)), .init("aliases", aliases(party)),
      ] + relations(party, plan, date, directory.parties)
        + held(party, plan, date, directory) + [
          .init("source", .citations(party.source + (plan.citations[party.id.value] ?? []))),
          .init("version", .integer(plan.subjects[party.id.value]?.version.value ?? 0)),
        ])
  }

  // MARK: - Names

  /// The whole history of the name: what comes later than the day asked for belongs to it.
  private static func names(_ party: Party) -> JSON {
    .array(
      party.names.entries.map {
        [
          "name": .string($0.value), "from": .string($0.effectiveDate.description),
          "position": .integer($0.position.value),
        ]
      })
  }

  private static func aliases(_ party: Party) -> JSON {
    .array(
      party.aliases.map {
        [
          "name": .string($0.name), "presumed": .bool($0.isPresumed), "from": .string($0.from.description),
          "until": .optional($0.until), "source": .citations($0.source),
        ]
      })
  }

  // MARK: - Relations

  /// Each relation is told from both ends.
  private static func relations(
    _ party: Party, _ plan: Plan, _ date: LocalDate, _ others: [Party]
  ) -> [JSON.Member] {
    func slugs(_ isRelated: (Party) -> Bool) -> JSON { .array(others.filter(isRelated).map { .string($0.slug) }) }
    let groups = others.flatMap { group in
      group.memberships.filter { $0.member == party.id && $0.holds(on: date) }.map { membership($0, group.slug) }
    }
    let members = party.memberships.filter { $0.holds(on: date) }.compactMap { membership in
      plan.parties[membership.member].map { Self.membership(membership, $0.slug) }
    }
    return [
      .init("groups", .array(groups)), .init("members", .array(members)),
      .init("relativeTo", .optional(plan.slug(of: party.relativeTo))),
      .init("unitOf", .optional(plan.slug(of: party.unitOf(on: date)))),
      .init("units", slugs { $0.unitOf(on: date) == party.id }),
      .init("hostedBy", .optional(plan.slug(of: party.hostedBy(on: date)))),
      .init("hosts", slugs { $0.hostedBy(on: date) == party.id }),
      .init(
        "dissolved",
        party.dissolution.map {
          ["from": .string($0.from.description), "successor": .optional(plan.slug(of: $0.successor))]
        } ?? .null),
      .init("successors", .array(party.successions.map { succession($0.by, $0.from, plan) })),
      .init(
        "predecessors",
        .array(
          others.flatMap { other -> [JSON] in
            var own = other.successions.filter { $0.by == party.id }.map { succession(other.id, $0.from, plan) }
            if let end = other.dissolution, end.successor == party.id, own.isEmpty {
              own.append(succession(other.id, end.from, plan))
            }
            return own
          })),
      .init(
        "resolved",
        party.resolution.map {
          [
            "from": .string($0.from.description),
            "institutions": .array($0.institutions.map { .optional(plan.slug(of: $0)) }),
          ]
        } ?? .null),
      .init("contact", party.contacts.entry(at: date).map { contact($0) } ?? .null),
      .init("contacts", .array(party.contacts.entries.map { contact($0) })),
      .init("chair", party.chair(on: date).map { chair($0.kind, .optional(plan.slug(of: $0.by))) } ?? .null),
      .init(
        "chairs",
        .array(
          others.compactMap { other -> JSON? in
            guard let known = other.chair(on: date), known.by == party.id else { return nil }
            return chair(known.kind, .string(other.slug))
          })),
    ]
  }

  private static func membership(_ membership: Party.Membership, _ slug: String) -> JSON {
    [
      "slug": .string(slug), "from": .string(membership.from.description), "until": .optional(membership.until),
    ]
  }

  private static func succession(_ other: PartyID, _ from: LocalDate, _ plan: Plan) -> JSON {
    ["slug": .optional(plan.slug(of: other)), "from": .string(from.description)]
  }

  /// Since when there is a contact, and which event says who.
  private static func contact(_ entry: Timeline<Position>.Entry) -> JSON {
    ["since": .string(entry.effectiveDate.description), "position": .integer(entry.value.value)]
  }

  private static func chair(_ kind: DeclareChair.Kind, _ slug: JSON) -> JSON {
    ["slug": slug, "kind": .string(kind.rawValue)]
  }

  // MARK: - What it holds

  private static func held(
    _ party: Party, _ plan: Plan, _ date: LocalDate, _ directory: Directory
  ) -> [JSON.Member] {
    let issues = directory.issues
    return [
      .init("assignments", assignments(party, plan, date, directory.measures)),
      .init("steward", .optional(plan.slug(of: party.steward))), .init("due", .optional(party.due)),
      .init(
        "placeholders",
        .array(
          plan.openPlaceholders(on: date).filter { $0.steward == party.id }.map {
            ["slug": .string($0.slug), "due": .optional($0.due)]
          })),
      .init(
        "issues",
        .array(
          issues.filter { $0.institution == party.id }.map {
            [
              "id": .string($0.id.description), "kind": .string($0.kind.rawValue),
              "measure": .optional(plan.code(of: $0.measure, on: date)),
              "state": .string(($0.states.value(at: date) ?? .raised).rawValue),
            ]
          })),
      .init(
        "followUps",
        .array(
          issues.flatMap { issue in
            issue.followUps.filter { $0.responsible == party.id && $0.assigned.date <= date }.map {
              IssueRegister.followUp($0, plan, date)
            }
          })),
    ]
  }

  /// `via` names the group or unit through which it has a role; null where it is named itself.
  private static func assignments(
    _ party: Party, _ plan: Plan, _ date: LocalDate, _ measures: [Measure]
  ) -> JSON {
    .array(
      measures.flatMap { measure in
        measure.assignments.filter { $0.holds(on: date) && plan.covers($0.holder, party.id, on: date) }.map {
          let via: JSON = $0.holder == party.id ? .null : .optional(plan.slug(of: $0.holder))
          let role = HeldRole(measure: measure, assignment: $0).json(date)
          return .object((role.members ?? []) + [.init("via", via)])
        }
      })
  }
}
