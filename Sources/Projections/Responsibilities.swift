internal import Coordination
internal import EventSourcing

/// A role that somebody has in a measure on a day.
struct HeldRole {
  let measure: Measure
  let assignment: Assignment

  func json(_ date: LocalDate) -> JSON {
    [
      "assignment": .string(assignment.id.description),
      "measure": .string(measure.code(on: date)),
      "role": .string(assignment.role(on: date).rawValue),
      "phase": .optional(assignment.phase),
      "subject": .optional(assignment.subject),
      "condition": .optional(assignment.condition),
      "state": .string(assignment.state(on: date).rawValue),
      "from": .string(assignment.from.description),
      "until": .optional(assignment.until),
    ]
  }
}

extension Plan {
  /// All measures and their parts in the order of the plan.
  func measuresInOrder(on date: LocalDate) -> [Measure] {
    MeasureBoard.ordered(self, date).flatMap { withParts($0, date) }
  }

  private func withParts(_ measure: Measure, _ date: LocalDate) -> [Measure] {
    [measure] + parts(of: measure, on: date).flatMap { withParts($0, date) }
  }

  /// Who holds what on a day, by holder, in the order of the plan.
  func rolesByHolder(on date: LocalDate) -> [PartyID: [HeldRole]] {
    var roles: [PartyID: [HeldRole]] = [:]
    for measure in measuresInOrder(on: date) {
      for assignment in measure.assignments
      where assignment.holds(on: date) && assignment.state(on: date) != .declined {
        roles[assignment.holder, default: []].append(HeldRole(measure: measure, assignment: assignment))
      }
    }
    return roles
  }

  /// The placeholders that are known on a day and still stand for somebody to be named (§40).
  func openPlaceholders(on date: LocalDate) -> [Party] {
    parties.values.filter { $0.noun == .placeholders && $0.exists(on: date) }
      .sorted { ($0.due ?? date, $0.slug) < ($1.due ?? date, $1.slug) }
  }
}

extension Party {
  /// How a row or card begins.
  func heading(_ date: LocalDate) -> [JSON.Member] {
    [
      .init("id", .string(id.description)), .init("slug", .string(slug)), .init("type", .string(typeName)),
      .init("short", .optional(short(at: date))), .init("name", .string(name(at: date))),
    ]
  }

  private var typeName: String {
    switch noun {
    case .institutions: "institution"
    case .groups: "group"
    case .placeholders: "placeholder"
    }
  }
}

extension LocalDate {
  /// How many days this date lies behind another, nil when it does not.
  func overdueDays(on date: LocalDate) -> Int? { self < date ? Int(date.daysSinceEpoch - daysSinceEpoch) : nil }
}
