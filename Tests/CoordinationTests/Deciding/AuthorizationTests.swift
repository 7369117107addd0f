import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct AuthorizationTests {
  /// Which roles may send a command at all. Written out here, so that a change of rights is seen.
  private static let allowed: [String: Set<Role>] = {
    let participants: Set<Role> = [.coordinator, .lead, .contributor, .steering, .system]
    var table: [String: Set<Role>] = [
      "report-progress": [.coordinator, .lead, .contributor], "raise-issue": participants,
      "escalate-issue": participants, "record-missed-deadline": [.system], "open-log-epoch": [.system],
      "record-view-digests": [.system],
      "take-up-issue": [.coordinator, .system], "propose-solution": [.coordinator, .lead, .system],
      "accept-solution": participants, "return-escalation": [.coordinator, .steering, .system],
      "set-decision-deadline": [.coordinator, .steering, .system],
      "decide-escalation": [.coordinator, .steering, .system], "complete-follow-up": participants,
      "resolve-issue": participants, "close-issue": [.coordinator, .system], "withdraw-issue": participants,
      "reopen-issue": participants,
      "correct-report": [.coordinator, .lead, .contributor], "request-support": [.coordinator, .lead],
      "record-external-status": [.coordinator, .partner, .system],
    ]
    for command in ["accept-assignment", "decline-assignment"] { table[command] = [.lead, .contributor, .steering] }
    for command in ["activate-condition", "clarify-role", "hand-over-lead", "appoint-contact", "replace-contact"] {
      table[command] = participants
    }
    let delivery = [
      "schedule-measure", "set-milestone", "reschedule-milestone", "reach-milestone", "start-phase", "end-phase",
      "record-deliverable", "conclude-examination", "note-resources", "pause-measure", "resume-measure",
      "complete-measure",
    ]
    for command in delivery { table[command] = [.coordinator, .lead, .system] }
    let office = [
      "rename-institution", "succeed-institution", "dissolve-institution", "withdraw-alias", "remove-group-member",
      "resolve-placeholder", "grant-lead-cap-exception",
      "create-plan", "register-plan-version", "register-document", "declare-stated-figure", "cite-source",
      "add-action-field", "add-theme-cluster", "set-goal", "add-task-field", "add-measure", "add-sub-measure",
      "revise-wording", "note-other-title", "register-institution", "add-alias", "define-group", "add-group-member",
      "declare-unit", "declare-hosting", "declare-chair", "register-placeholder", "assign-lead", "assign-lead-partner",
      "assign-contributor", "assign-consulted", "assign-unclear", "end-assignment", "register-strategy",
      "link-strategy", "link-external-measure", "link-measures", "declare-dependency",
      "adopt-plan", "extend-plan-term", "close-plan", "start-successor-version", "carry-over-measure", "revise-goal",
      "move-measure", "renumber-measure", "configure-lists",
      "prioritise-measure", "highlight-measure", "grant-support", "reopen-measure", "make-permanent",
      "discontinue-measure", "lift-dependency", "declare-cross-cutting", "end-link",
      "erase-personal-data",
      "register-partner-system", "rotate-credential", "suspend-partner", "reinstate-partner", "subscribe-feed",
      "change-feed-contract", "end-feed", "register-webhook", "rotate-webhook-secret", "remove-webhook",
    ]
    for command in office { table[command] = [.coordinator, .system] }
    return table
  }()

  @Test func `the table names every command`() {
    #expect(Set(Self.allowed.keys) == Set(CommandCatalogue.all.map { $0.name }))
  }

  @Test(arguments: CommandSamples.accepted.keys.sorted(), Role.allCases)
  func `a command is open to its roles and closed to all others`(command: String, role: Role) throws {
    let json = try #require(CommandSamples.accepted[command])
    let allowed = try #require(Self.allowed[command])
    let outcome = CommandSamples.spec(for: command).when(command, json, as: .sample(role))
    guard allowed.contains(role) else {
      outcome.isRefused(
        .forbidden, "role-not-allowed",
        facts: [
          "role": .string(role.rawValue), "allowed": .array(allowed.map(\.rawValue).sorted().map { .string($0) }),
        ])
      return
    }
    if case .failure(let refusal) = outcome.result { #expect(refusal.code != "role-not-allowed") }
  }

  @Test func `an auditor changes nothing, a partner system only what it owns`() {
    for kind in CommandCatalogue.all {
      #expect(!kind.roles.contains(.auditor), "\(kind.name)")
      #expect(kind.roles.contains(.partner) == (kind.name == "record-external-status"), "\(kind.name)")
    }
  }

  @Test func `what only the program sends is not offered to callers`() {
    let offered = Set(CommandCatalogue.external.map { $0.name })
    #expect(
      Set(CommandCatalogue.all.map { $0.name }).subtracting(offered) == [
        "record-missed-deadline", "open-log-epoch", "record-view-digests",
      ])
  }
}
