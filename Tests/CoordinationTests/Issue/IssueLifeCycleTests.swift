import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// The life cycle of domain.md 2.1.
struct IssueLifeCycleTests {
  private typealias State = Coordination.Issue.State
  private typealias Step = Coordination.Issue.Step

  private static let commands: [Step: (name: String, json: JSON)] = [
    .takeUp: ("take-up-issue", [:]),
    .proposeSolution: ("propose-solution", ["text": "T"]),
    .acceptSolution: ("accept-solution", ["institution": "ihk"]),
    .escalate: ("escalate-issue", ["level": "senat", "urgent": true, "deadline": "2019-06-30", "reason": "R"]),
    .returnEscalation: ("return-escalation", ["body": "skip", "reason": "R"]),
    .setDeadline: ("set-decision-deadline", ["deadline": "2019-09-30"]),
    .decide: ("decide-escalation", IssueStory.decision),
    .resolve: ("resolve-issue", [:]), .close: ("close-issue", [:]), .withdraw: ("withdraw-issue", [:]),
    .reopen: ("reopen-issue", [:]),
  ]

  /// Written out here, so that a change of the life cycle is seen.
  private static let allowed: [State: Set<Step>] = [
    .raised: [.takeUp, .escalate, .withdraw],
    .takenUp: [.proposeSolution, .escalate, .withdraw],
    .solutionProposed: [.proposeSolution, .acceptSolution, .escalate, .withdraw],
    .accepted: [.resolve, .withdraw],
    .escalated: [.escalate, .returnEscalation, .setDeadline, .decide, .withdraw],
    .decided: [.resolve, .close],
    .returned: [.takeUp, .proposeSolution, .escalate, .withdraw],
    .resolved: [.close, .reopen],
    .closed: [.reopen],
    .withdrawn: [.reopen],
    .reopened: [.takeUp, .escalate, .withdraw],
  ]

  @Test(arguments: Coordination.Issue.State.allCases)
  func `in each state only its steps are allowed`(state: Coordination.Issue.State) throws {
    let spec = IssueStory.inState(state)
    #expect(try spec.issue.state == state)
    for step in Step.allCases {
      let (name, json) = try #require(Self.commands[step])
      let outcome = spec.when(name, .object([.init("issue", id(60).json)] + (json.members ?? [])))
      guard Self.allowed[state]?.contains(step) == true else {
        if step == .decide, state == .decided {
          outcome.isRefused(.conflict, "already-decided", field: "issue", facts: ["outcome": "decide"])
          continue
        }
        let states = State.allCases.filter { Self.allowed[$0]?.contains(step) == true }
        outcome.isRefused(
          .conflict, "wrong-state", field: "issue",
          facts: ["state": .string(state.rawValue), "allowed": .array(states.map { .string($0.rawValue) })])
        continue
      }
      outcome.isAccepted()
    }
  }

  @Test func `a step does not take effect before the state that it ends`() {
    var spec = IssueStory.begun
    spec.given("take-up-issue", ["issue": id(60).json], on: day("2019-05-01"))
    spec.when("propose-solution", ["issue": id(60).json, "text": "T"], on: day("2019-04-30")).isRefused(
      .rule, "before-start", field: "effectiveDate", facts: ["start": "2019-05-01", "state": "taken-up"])
    spec.when("propose-solution", ["issue": id(60).json, "text": "T"], on: day("2019-05-01")).isAccepted()
  }

  @Test func `an unknown issue is found by no step`() throws {
    for (name, json) in Self.commands.values {
      spec.when(name, .object([.init("issue", id(99).json)] + (json.members ?? [])))
        .isRefused(.notFound, "unknown-issue", field: "issue", facts: ["reference": id(99).json])
    }
  }

  private let spec = IssueStory.begun

  @Test func `an open issue counts until it is withdrawn or closed, and again when it is reopened`() {
    for state in State.allCases {
      #expect(
        IssueStory.inState(state).openIssues == (state == .withdrawn || state == .closed ? 0 : 1), "\(state.rawValue)")
    }
    var spec = IssueStory.inState(.closed)
    spec.given("reopen-issue", ["issue": id(60).json])
    #expect(spec.openIssues == 1)
    var resolved = IssueStory.inState(.resolved)
    resolved.given("reopen-issue", ["issue": id(60).json])
    #expect(resolved.openIssues == 1)
  }

  @Test func `only an escalated issue has a deadline that the clock watches`() throws {
    for state in State.allCases {
      let spec = IssueStory.inState(state)
      #expect(spec.plan.dueCommands(on: day("2030-01-01")).count == (state == .escalated ? 1 : 0), "\(state.rawValue)")
      #expect((try spec.issue.deadline != nil) == (state == .escalated), "\(state.rawValue)")
    }
  }

  @Test func `the states follow each other in time`() throws {
    var spec = IssueStory.begun
    spec.given("take-up-issue", ["issue": id(60).json], on: day("2019-04-01"))
    spec.given("escalate-issue", ["issue": id(60).json, "deadline": "2019-06-30"], on: day("2019-05-01"))
    spec.given("return-escalation", ["issue": id(60).json, "body": "skip", "reason": "R"], on: day("2019-06-01"))
    let issue = try spec.issue
    #expect(issue.states.entries.map(\.value) == [.raised, .takenUp, .escalated, .returned])
    #expect(issue.states.value(at: day("2019-05-31")) == .escalated)
    #expect(issue.levels.entries.map(\.value) == ["office", "lead"])
    #expect(issue.deadlines.value(at: day("2019-05-31")) == day("2019-06-30"))
    #expect(issue.deadlines.value(at: day("2019-06-01")) == .some(nil))
  }
}
