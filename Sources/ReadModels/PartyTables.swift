internal import Coordination
internal import EventSourcing
internal import Postgres

extension ReadTable {
  /// Institutions, groups and placeholders, one row for each name in time.
  static let institutions = ReadTable(
    name: "institutions",
    columns: ["subject_id", "slug", "noun", "kind", "name", "valid_from", "valid_until"],
    rows: { id, plan in plan.parties[PartyID(id)].map { partyRows($0) } ?? [] },
    subjects: { plan in plan.parties.values.map(\.id.value) })

  private static func partyRows(_ party: Party) -> [Row] {
    let ends = [party.dissolution?.from, party.resolution?.from].compactMap { $0 }
    return Validity.spans(changingOn: party.names.entries.map(\.effectiveDate) + ends) {
      party.exists(on: $0) ? party.names.value(at: $0) : nil
    }
    .map { name, from, until -> Row in
      [
        party.id.value, party.slug, party.noun.rawValue, party.kind, name, from.postgres, until.postgres,
      ]
    }
  }

  /// Issues, one row for each state in time.
  static let issues = ReadTable(
    name: "issues",
    columns: [
      "subject_id", "measure", "institution", "kind", "state", "deadline", "missed_deadlines", "valid_from",
      "valid_until",
    ],
    rows: { id, plan in plan.issues[IssueID(id)].map { issueRows($0, plan) } ?? [] },
    subjects: { plan in plan.issues.values.map(\.id.value) })

  private static func issueRows(_ issue: Issue, _ plan: Plan) -> [Row] {
    let measure = issue.measure.flatMap { plan.measures[$0] }
    let days =
      issue.states.entries.map(\.effectiveDate) + issue.deadlines.entries.map(\.effectiveDate)
      + (measure?.places.entries.map(\.effectiveDate) ?? [])
    return Validity.spans(changingOn: days) { day in
      issue.states.value(at: day).map {
        IssueValues(code: measure?.code(on: day), state: $0, deadline: issue.deadlines.value(at: day) ?? nil)
      }
    }.map { values, from, until in
      [
        issue.id.value, values.code,
        issue.institution.flatMap { plan.parties[$0]?.slug }, issue.kind.rawValue, values.state.rawValue,
        values.deadline.postgres, Int64(issue.missedDeadlines), from.postgres, until.postgres,
      ]
    }
  }

  private struct IssueValues: Equatable {
    let code: String?
    let state: Issue.State
    let deadline: LocalDate?
  }
}
