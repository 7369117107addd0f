public import Coordination
public import EventSourcing

/// The register of issues and escalations: where each stands, since when, who decided what, and what is still owed.
public enum IssueRegister: View {
  public static let name = "issues"
  public static let version = 2

  /// In the order in which they were raised; an issue that is raised later than the day asked for is not there yet.
  public static func items(of plan: Plan, validAt date: LocalDate) -> [ViewItem] {
    plan.issues.values.filter { $0.states.entry(at: date) != nil }.sorted { $0.raisedAt < $1.raisedAt }
      .map { ViewItem(key: $0.id.description, json: json($0, plan, date)) }
  }

  public static func json(_ issue: Issue, _ plan: Plan, _ date: LocalDate) -> JSON {
    let state = issue.states.entry(at: date)
    let deadline = issue.deadlines.value(at: date) ?? nil
    let decisions = issue.decisions.filter { $0.decided.date <= date }
    let solution = issue.solutions.last { $0.proposed.date <= date }
    return [
      "id": .string(issue.id.description),
      "kind": .string(issue.kind.rawValue),
      "measure": .optional(plan.code(of: issue.measure, on: date)),
      "institution": .optional(plan.slug(of: issue.institution)),
      "state": .string((state?.value ?? .raised).rawValue),
      "since": state.map { since($0.effectiveDate, $0.position) } ?? .null,
      "level": level(plan.level(of: issue, on: date)),
      "deadline": .optional(deadline),
      "overdueDays": .optional(deadline?.overdueDays(on: date)),
      "missedDeadlines": .array(
        issue.missed.filter { $0.mark.date <= date }.map {
          [
            "deadline": .string($0.deadline.description), "level": level(plan.ladderLevel($0.level, on: $0.mark.date)),
            "since": .since($0.mark),
          ]
        }),
      "solution": solution.map { self.solution($0, plan, date) } ?? .null,
      "decision": decisions.last.map { decision($0, plan) } ?? .null,
      "earlierDecisions": .array(decisions.dropLast().map { decision($0, plan) }),
      "followUps": .array(issue.followUps.filter { $0.assigned.date <= date }.map { followUp($0, plan, date) }),
      "raisedOn": .string(issue.raisedOn.description),
      "raised": since(issue.raisedOn, issue.raisedAt),
      "source": .citations(issue.source + (plan.citations[issue.id.value] ?? [])),
      "version": .integer(plan.subjects[issue.id.value]?.version.value ?? 0),
    ]
  }

  private static func since(_ date: LocalDate, _ position: Position) -> JSON {
    ["date": .string(date.description), "position": .integer(position.value)]
  }

  private static func since(_ mark: Mark?, on date: LocalDate) -> JSON {
    .since(mark.flatMap { $0.date <= date ? $0 : nil })
  }

  private static func level(_ level: LadderLevel?) -> JSON {
    level.map {
      ["slug": .string($0.slug.text), "title": .string($0.title.text), "body": .optional($0.body?.text)]
    } ?? .null
  }

  private static func solution(_ solution: Issue.Solution, _ plan: Plan, _ date: LocalDate) -> JSON {
    [
      "institution": .optional(plan.slug(of: solution.institution)), "proposed": since(solution.proposed, on: date),
      "accepted": since(solution.accepted, on: date),
    ]
  }

  private static func decision(_ decision: Issue.Decision, _ plan: Plan) -> JSON {
    [
      "outcome": .string(decision.outcome.rawValue), "body": .optional(plan.slug(of: decision.body)),
      "level": level(plan.ladderLevel(decision.level, on: decision.decided.date)),
      "deferredTo": .optional(decision.deferredTo),
      "since": .since(decision.decided),
    ]
  }

  static func followUp(_ followUp: Issue.FollowUp, _ plan: Plan, _ date: LocalDate) -> JSON {
    let isDone = followUp.completed.map { $0.date <= date } ?? false
    return [
      "id": .string(followUp.id.description), "responsible": .optional(plan.slug(of: followUp.responsible)),
      "assigned": .since(followUp.assigned),
      "due": .string(followUp.due.description), "done": since(followUp.completed, on: date),
      "overdueDays": .optional(isDone ? nil : followUp.due.overdueDays(on: date)),
    ]
  }
}
