internal import Coordination
internal import EventSourcing
internal import Postgres

extension ReadTable {
  /// Measures and their parts, one row for each time in which nothing of it changed.
  static let measures = ReadTable(
    name: "measures",
    columns: [
      "subject_id", "code", "title", "kind", "action_field", "cluster", "task_field", "part_of", "state", "condition",
      "percent", "leads", "external_id", "valid_from", "valid_until",
    ],
    rows: { id, plan in plan.measures[MeasureID(id)].map { measureRows($0, plan) } ?? [] },
    subjects: { plan in plan.measures.values.map(\.id.value) })

  private struct MeasureValues: Equatable {
    let place: Measure.Place
    let title: String
    let state: Measure.State
    let condition: String
    let percent: Int?
    let leads: [String]
    let externalID: String?
  }

  private static func measureRows(_ measure: Measure, _ plan: Plan) -> [Row] {
    let leads = measure.assignments.filter { assignment in assignment.roles.entries.contains { $0.value == .lead } }
    var days = measure.titles.entries.map(\.effectiveDate) + measure.states.entries.map(\.effectiveDate)
    days += listingDays(of: measure, plan)
    days += measure.conditions.entries.map(\.effectiveDate) + measure.percents.entries.map(\.effectiveDate)
    days += leads.flatMap(\.changeDays)
    days += leads.compactMap { plan.parties[$0.holder]?.dissolution?.from }
    for part in measure.parts.compactMap({ plan.measures[$0] }) {
      days += [plan.subjects[part.id.value]?.start].compactMap { $0 }
      days += part.states.entries.map(\.effectiveDate) + part.percents.entries.map(\.effectiveDate)
    }
    days += measure.externals.flatMap { [$0.from, $0.until].compactMap { $0 } }
    let start = measure.titles.entries.first?.effectiveDate
    return Validity.spans(changingOn: days) { day -> MeasureValues? in
      guard let start, day >= start, plan.lists(measure, on: day) else { return nil }
      return MeasureValues(
        place: measure.place(on: day),
        title: measure.titles.value(at: day) ?? "", state: plan.state(of: measure, on: day),
        condition: measure.conditions.value(at: day) ?? "not-assessed",
        percent: plan.percent(of: measure, on: day),
        leads: Set(leads.filter { plan.leads($0, on: day) }.compactMap { plan.parties[$0.holder]?.slug }).sorted(),
        externalID: measure.external(on: day).map { "\($0.programme) \($0.externalID)" })
    }.map { values, from, until in
      let field = plan.taskField(id: values.place.taskField)
      let cluster = field.flatMap { plan.cluster(id: $0.cluster) }
      let actionField = cluster.flatMap { plan.actionField(id: $0.actionField) }
      return [
        measure.id.value, values.place.code, values.title, measure.kind.rawValue, actionField?.slug, cluster?.slug,
        field?.number.postgres, measure.parent?.value, values.state.rawValue, values.condition,
        values.percent.postgres, PostgresArray(values.leads),
        values.externalID, from.postgres, until.postgres,
      ]
    }
  }

  /// The days on which a measure may begin or cease to be one of the plan's.
  private static func listingDays(of measure: Measure, _ plan: Plan) -> [LocalDate] {
    var days = measure.places.entries.map(\.effectiveDate)
    days += [plan.subjects[measure.id.value]?.start].compactMap { $0 }
    // What continues it or its whole, or has the code of one of them, takes its place.
    for own in [measure, measure.parent.flatMap { plan.measures[$0] }].compactMap({ $0 }) {
      let rivals = own.places.entries.flatMap { plan.measuresByCode[$0.value.code] ?? [] }
      let next = [own.successor].compactMap { $0 } + rivals.filter { $0 != own.id }
      days += next.compactMap { plan.measures[$0] }.flatMap { $0.places.entries.map(\.effectiveDate) }
    }
    return days
  }

  /// Who does what; the rows belong to the measure, and end where it gives way to another.
  static let assignments = ReadTable(
    name: "assignments",
    columns: [
      "subject_id", "assignment_id", "measure", "institution_id", "institution", "role", "phase", "part", "condition",
      "state", "valid_from", "valid_until",
    ],
    rows: { id, plan in plan.measures[MeasureID(id)].map { assignmentRows($0, plan) } ?? [] },
    subjects: { plan in plan.measures.values.map(\.id.value) })

  private static func assignmentRows(_ measure: Measure, _ plan: Plan) -> [Row] {
    let listing = listingDays(of: measure, plan)
    return measure.assignments.flatMap { assignment in
      Validity.spans(changingOn: assignment.changeDays + listing) { day in
        assignment.holds(on: day) && plan.lists(measure, on: day)
          ? AssignmentValues(
            code: measure.code(on: day), role: assignment.role(on: day), state: assignment.state(on: day)) : nil
      }.map { values, from, until -> Row in
        [
          measure.id.value, assignment.id, values.code, assignment.holder.value,
          plan.parties[assignment.holder]?.slug ?? "", values.role.rawValue, assignment.phase, assignment.subject,
          assignment.condition, values.state.rawValue, from.postgres, until.postgres,
        ]
      }
    }
  }

  private struct AssignmentValues: Equatable {
    let code: String
    let role: Assignment.Role
    let state: Assignment.State
  }
}

extension Assignment {
  /// The days on which what holds of it may change.
  fileprivate var changeDays: [LocalDate] {
    [from] + [until, activeFrom, answer?.from].compactMap { $0 } + roles.entries.map(\.effectiveDate)
  }
}
