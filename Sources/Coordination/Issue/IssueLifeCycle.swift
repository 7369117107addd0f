public import EventSourcing

extension Issue {
  public enum State: String, Sendable, CaseIterable {
    case raised
    case takenUp = "taken-up"
    case solutionProposed = "solution-proposed"
    case accepted, escalated, decided, returned, resolved, closed, withdrawn, reopened
  }

  /// A step in the life of an issue; each is a command.
  public enum Step: Sendable, CaseIterable {
    case takeUp, proposeSolution, acceptSolution, escalate, returnEscalation, setDeadline, decide, resolve, close
    case withdraw, reopen
  }

  /// The life cycle: in which states a step is allowed.
  public static func states(before step: Step) -> [State] {
    switch step {
    case .takeUp: [.raised, .returned, .reopened]
    case .proposeSolution: [.takenUp, .solutionProposed, .returned]
    case .acceptSolution: [.solutionProposed]
    case .escalate: [.raised, .takenUp, .solutionProposed, .escalated, .returned, .reopened]
    case .returnEscalation, .setDeadline, .decide: [.escalated]
    case .resolve: [.accepted, .decided]
    case .close: [.decided, .resolved]
    case .withdraw: [.raised, .takenUp, .solutionProposed, .accepted, .escalated, .returned, .reopened]
    case .reopen: [.resolved, .closed, .withdrawn]
    }
  }

  /// - Parameter isKnown: whether whoever asks may know the state. A proposed solution is hidden from most, so to them
  ///   no refusal names any.
  func require(_ step: Step, on date: LocalDate, isKnown: () -> Bool) throws(Refusal) {
    let allowed = Self.states(before: step)
    if step == .decide, state == .decided {
      throw Refusal(
        .conflict, "already-decided", field: "issue", de: "Darüber ist schon entschieden.",
        en: "This has already been decided.",
        facts: [.init("outcome", decisions.last.map { .string($0.outcome.rawValue) } ?? .null)])
    }
    guard allowed.contains(state) else { throw wrongState(allowed, isKnown: isKnown()) }
    // A step that took effect before the last one would never show: states follow each other in time.
    // So do deadlines: one that was set for later would outlive the decision.
    let since = [states.entries.last?.effectiveDate, deadlines.entries.last?.effectiveDate].compactMap(\.self).max()
    guard let since, date < since else { return }
    throw beforeStart(since, isKnown: isKnown())
  }

  private func beforeStart(_ since: LocalDate, isKnown: Bool) -> Refusal {
    guard isKnown else {
      return Refusal(
        .rule, "before-start", field: "effectiveDate", de: "Das Wirkdatum liegt zu weit zurück.",
        en: "The effective date lies too far back.")
    }
    return Refusal(
      .rule, "before-start", field: "effectiveDate",
      de: "Das Wirkdatum liegt vor dem Beginn des jetzigen Zustands (\(since.german)).",
      en: "The effective date precedes the start of the present state (\(since.english)).",
      facts: [.init("start", .string(since.description)), .init("state", .string(state.rawValue))])
  }

  private func wrongState(_ allowed: [State], isKnown: Bool) -> Refusal {
    let states = JSON.Member("allowed", .array(allowed.map { .string($0.rawValue) }))
    guard isKnown else {
      return Refusal(
        .conflict, "wrong-state", field: "issue", de: "In seinem jetzigen Zustand geht das nicht.",
        en: "This cannot be done to the issue as it is.", facts: [states])
    }
    return Refusal(
      .conflict, "wrong-state", field: "issue", de: "Im Zustand „\(state.wording.german)“ geht das nicht.",
      en: "This cannot be done to an issue that is \(state.wording.english).",
      facts: [.init("state", .string(state.rawValue)), states])
  }

  /// In which relation somebody stands to an issue.
  public enum Side: String, Sendable, CaseIterable {
    case office, steering
    /// Who raised it; the office where it named nobody.
    case raiser
    /// Who leads the measure that it is about.
    case lead

    var roles: Set<Role> {
      switch self {
      case .office: .office
      case .steering: [.steering]
      case .raiser: .participants
      case .lead: [.lead]
      }
    }

    var wording: LocalizedText {
      switch self {
      case .office: LocalizedText(de: "die Geschäftsstelle", en: "the office")
      case .steering: LocalizedText(de: "der Steuerungskreis", en: "the steering circle")
      case .raiser: LocalizedText(de: "wer gemeldet hat", en: "who raised it")
      case .lead: LocalizedText(de: "wer die Federführung hat", en: "who leads the measure")
      }
    }
  }
}

/// A command that takes an issue one step further.
public protocol IssueCommand: PlanCommand {
  static var step: Issue.Step { get }
  /// Who may take the step.
  static var sides: [Issue.Side] { get }
  var issue: IssueID { get }
  /// On behalf of whom, where the command lets the caller say so.
  var institution: PartyReference? { get }
  /// The rules of this step, on an issue that is ready for it and an actor who may take it.
  func judge(_ issue: Issue, _ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [any PlanFact]
}

extension IssueCommand {
  public static var roles: Set<Role> { sides.reduce(into: []) { $0.formUnion($1.roles) } }
  public var institution: PartyReference? { nil }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let issue = try plan.require(self.issue)
    try plan.requireSide(Self.sides, of: issue, institution, context)
    let asked = context
    try issue.require(Self.step, on: asked.effectiveDate) {
      Viewer(asked.actor, in: plan, on: asked.today).isConcerned(by: issue.concerned)
    }
    return try judge(issue, plan, &context).map { NewEvent(issue.subject, $0) }
  }
}

extension Plan {
  func require(_ id: IssueID) throws(Refusal) -> Issue {
    guard let issue = issues[id] else {
      throw .unknown("issue", id.description, field: "issue", de: "Meldung", en: "issue")
    }
    return issue
  }

  /// Who speaks: the institution that acts, or nil when the office speaks for itself.
  func speaker(_ named: PartyReference?, _ context: DecisionContext) throws(Refusal) -> Party? {
    if named == nil, Set<Role>.office.contains(context.actor.role) { return nil }
    return try actingInstitution(named, context)
  }

  func leads(_ institution: PartyID, _ measure: MeasureID?, on date: LocalDate) -> Bool {
    guard let measure = measure.flatMap({ measures[$0] }) else { return false }
    return measure.assignments.contains { leads($0, on: date) && covers($0.holder, institution, on: date) }
  }

  fileprivate func requireSide(
    _ sides: [Issue.Side], of issue: Issue, _ named: PartyReference?, _ context: DecisionContext
  ) throws(Refusal) {
    if sides.contains(.office), Set<Role>.office.contains(context.actor.role) { return }
    if sides.contains(.steering), context.actor.role == .steering { return }
    let speaker = try speaker(named, context)
    if sides.contains(.raiser), issue.institution == speaker?.id { return }
    if sides.contains(.lead), let speaker, leads(speaker.id, issue.measure, on: context.effectiveDate) { return }
    throw Refusal(
      .forbidden, "not-yours", field: "issue",
      de: "Das darf nur: \(sides.map(\.wording.german).joined(separator: "; ")).",
      en: "Only these may do this: \(sides.map(\.wording.english).joined(separator: "; ")).",
      facts: [.init("allowed", .array(sides.map { .string($0.rawValue) }))])
  }
}
