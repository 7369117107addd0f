import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// Issues of measure I, which the university leads and to which the chambers contribute. The ladder is lead, office,
/// netzwerk (advises), skip, senat.
enum IssueStory {
  static let issue = "issues/\(id(60))"

  static let begun: DeciderSpecification = {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 61)
    spec.assign("contributor", "ihk", 62)
    spec.assign("contributor", "hwk", 63)
    spec.given(
      "raise-issue", ["id": id(60).json, "measure": "fachkraefte.1.I", "kind": "obstacle", "text": "T"],
      as: .contributor("ihk"))
    return spec
  }()

  static func escalated(to level: String = "skip") -> DeciderSpecification {
    var spec = begun
    spec.given(
      "escalate-issue",
      ["issue": id(60).json, "level": .string(level), "urgent": true, "deadline": "2019-06-30", "reason": "R"])
    return spec
  }

  /// The issue in a state, reached by the shortest way.
  static func inState(_ state: Coordination.Issue.State) -> DeciderSpecification {
    var spec = begun
    for (command, json) in way(to: state) {
      spec.given(command, JSON.object([.init("issue", id(60).json)] + (json.members ?? [])))
    }
    return spec
  }

  static let decision: JSON = ["body": "skip", "outcome": "decide", "noFollowUp": true]

  private static func way(to state: Coordination.Issue.State) -> [(String, JSON)] {
    switch state {
    case .raised: []
    case .takenUp: [("take-up-issue", [:])]
    case .solutionProposed: way(to: .takenUp) + [("propose-solution", ["text": "T"])]
    case .accepted: way(to: .solutionProposed) + [("accept-solution", ["institution": "tu"])]
    case .escalated: [("escalate-issue", ["level": "skip", "urgent": true, "deadline": "2019-06-30", "reason": "R"])]
    case .decided: way(to: .escalated) + [("decide-escalation", decision)]
    case .returned: way(to: .escalated) + [("return-escalation", ["body": "skip", "reason": "R"])]
    case .resolved: way(to: .accepted) + [("resolve-issue", [:])]
    case .closed: way(to: .resolved) + [("close-issue", [:])]
    case .withdrawn: [("withdraw-issue", [:])]
    case .reopened: way(to: .withdrawn) + [("reopen-issue", [:])]
    }
  }
}

extension DeciderSpecification {
  var issue: Coordination.Issue {
    get throws { try #require(plan.issues[IssueID(id(60).value)]) }
  }

  var openIssues: Int? { plan.measure("fachkraefte.1.I")?.openIssues(on: today) }
}
