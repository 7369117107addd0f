public import Coordination
public import EventSourcing

/// The measure board: every measure with its state, condition and who does what, in the order of the plan.
public enum MeasureBoard: View {
  public static let name = "measures"
  public static let version = 4

  public static func items(of plan: Plan, validAt date: LocalDate) -> [ViewItem] {
    ordered(plan, date).map { ViewItem(key: $0.code(on: date), json: json($0, plan, date)) }
  }

  /// One measure as the board shows it.
  public static func json(_ measure: Measure, _ plan: Plan, _ date: LocalDate) -> JSON {
    let place = measure.place(on: date)
    let field = plan.taskField(id: place.taskField)
    let cluster = field.flatMap { plan.cluster(id: $0.cluster) }
    let actionField = cluster.flatMap { plan.actionField(id: $0.actionField) }
    let parts = plan.parts(of: measure, on: date)
    return [
      "id": .string(measure.id.description),
      "code": .string(place.code),
      "title": .string(measure.titles.value(at: date) ?? measure.titles.first ?? ""),
      "kind": .string(measure.kind.rawValue),
      "actionField": self.place(actionField?.slug, actionField?.title(on: date)),
      "cluster": self.place(cluster?.slug, cluster?.title(on: date)),
      "taskField": ["number": .optional(field?.number), "title": .optional(field?.title(on: date))],
      "numeral": .string(place.numeral.text),
      "part": .optional(place.part),
      "state": .string(plan.state(of: measure, on: date).rawValue),
      "condition": .string(measure.conditions.value(at: date) ?? "not-assessed"),
      "percent": .optional(plan.percent(of: measure, on: date)),
      "rollUp": rollUp(plan.rollUp(of: measure, on: date)),
      "assignments": .array(measure.assignments.filter { $0.holds(on: date) }.map { assignment($0, plan, date) }),
      "subMeasures": .array(parts.map { json($0, plan, date) }),
      "externalRef": .external(measure.external(on: date)),
      "horizon": .optional(measure.horizon),
      "priority": measure.priorities.value(at: date).map { MeasureSheet.priority($0) } ?? .null,
      "openIssues": .count(measure.openIssues(on: date)),
      "source": .citations(measure.source + (plan.citations[measure.id.value] ?? [])),
      "version": .integer(plan.subjects[measure.id.value]?.version.value ?? 0),
    ]
  }

  /// What follows from the parts, beside what was said of the whole; null where there are none.
  static func rollUp(_ rollUp: RollUp?) -> JSON {
    guard let rollUp else { return .null }
    let states = Measure.State.allCases.filter { $0 != .external }
    return [
      "state": .string(rollUp.state.rawValue), "condition": .string(rollUp.condition),
      "percent": .optional(rollUp.percent), "counted": .count(rollUp.counted), "reported": .count(rollUp.reported),
      "external": .count(rollUp.external),
      "states": .object(states.map { .init($0.rawValue, .count(rollUp.counts[$0] ?? 0)) }),
    ]
  }

  static func place(_ slug: String?, _ title: String?) -> JSON {
    ["slug": .optional(slug), "title": .optional(title)]
  }

  /// Who does what in a measure, and on which terms.
  static func assignment(_ assignment: Assignment, _ plan: Plan, _ date: LocalDate) -> JSON {
    let holder = plan.parties[assignment.holder]
    return [
      "id": .string(assignment.id.description),
      "role": .string(assignment.role(on: date).rawValue),
      "institution": [
        "id": .string(assignment.holder.description), "slug": .optional(holder?.slug),
        "name": .optional(holder?.short(at: date) ?? holder?.name(at: date)),
      ],
      "phase": .optional(assignment.phase),
      "subject": .optional(assignment.subject),
      "condition": .optional(assignment.condition),
      "wording": .optional(assignment.wording),
      "range": .optional(assignment.range),
      "state": .string(assignment.state(on: date).rawValue),
      "from": .string(assignment.from.description),
      "until": .optional(assignment.until),
      "source": .string(assignment.source.map(\.text).joined(separator: ", ")),
    ]
  }

  /// The top-level measures of a day by action field, cluster, task field and numeral.
  public static func ordered(_ plan: Plan, _ date: LocalDate) -> [Measure] {
    let clusters = Dictionary(
      plan.actionFields.sorted { $0.number < $1.number }
        .flatMap { field in plan.clusters.filter { $0.actionField == field.id } }
        .enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    let fields = Dictionary(plan.taskFields.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    func rank(_ place: Measure.Place) -> (Int, Int, Int) {
      let field = fields[place.taskField]
      return (field.flatMap { clusters[$0.cluster] } ?? .max, field?.codeNumber ?? .max, place.numeral.number)
    }
    return plan.measures.values.filter { $0.parent == nil && plan.lists($0, on: date) }
      .map { ($0, $0.place(on: date)) }
      .sorted { (rank($0.1), $0.1.code) < (rank($1.1), $1.1.code) }.map(\.0)
  }
}

private func < (left: ((Int, Int, Int), String), right: ((Int, Int, Int), String)) -> Bool {
  left.0 == right.0 ? left.1 < right.1 : left.0 < right.0
}
