internal import EventSourcing

/// Lets assignments go on with other holders, within one command: each ends where its successors begin (§31, §40). What
/// was declined only ends, because nobody has it to pass on.
struct AssignmentMove {
  static let facts: [any PlanFact.Type] = [
    AssignmentEnded.self, LeadAssigned.self, LeadPartnerAssigned.self, ContributorAssigned.self,
    ConsultedAssigned.self, UnclearRoleAssigned.self, ConditionActivated.self,
  ]

  /// From this day on; what begins later moves whole.
  let date: LocalDate
  /// Who carries the assignments on; nobody when they only end.
  let successors: [PartyID]
  /// The field of the command that is to blame when a rule forbids it.
  let field: String

  /// The events that move what some parties hold, in a fixed order.
  ///
  /// All that ends in a measure ends first, so that two leads that become one are not three for a moment. Each new
  /// assignment is judged beside those before it.
  func events(
    moving holders: Set<PartyID>, in plan: Plan, _ context: inout DecisionContext,
    where isChosen: (Assignment) -> Bool = { _ in true }
  ) throws(Refusal) -> [NewEvent] {
    var events: [NewEvent] = []
    for known in plan.measures.values.sorted(by: { $0.id < $1.id }) {
      // What is closed stays as it was.
      if let closing = plan.closing(of: known.subject), closing <= max(context.today, date) { continue }
      let moving = known.assignments.filter { holders.contains($0.holder) && $0.isOpen(on: date) && isChosen($0) }
      var measure = known
      for old in moving {
        measure.change(Identifier(old.id)) { $0.until = start(of: old) }
        events.append(
          NewEvent(
            measure.subject, AssignmentEnded(assignment: Identifier(old.id), until: start(of: old), reason: .none)))
      }
      for old in moving where old.state(on: start(of: old)) != .declined {
        for holder in successors { events += try carryOn(old, by: holder, in: &measure, plan, &context) }
      }
    }
    return events
  }

  private func start(of assignment: Assignment) -> LocalDate { max(date, assignment.from) }

  private func carryOn(
    _ old: Assignment, by holder: PartyID, in measure: inout Measure, _ plan: Plan, _ context: inout DecisionContext
  ) throws(Refusal) -> [NewEvent] {
    // What was to begin after an announced end only ends.
    if let closing = plan.closing(of: measure.subject), closing <= start(of: old) { return [] }
    let role = old.role(on: start(of: old))
    let facts = AssignmentFacts(
      carryingOn: old, as: Identifier(context.newID()), by: holder, from: start(of: old), until: old.until)
    var new = Assignment(facts, role: role, at: plan.size.nextPosition)
    new.activeFrom = old.activeFrom
    // Two that become one keep one assignment, and so does who had the role anyway.
    if measure.assignments.contains(where: { $0.makesUp(for: new) }) { return [] }
    try plan.check(new, in: measure, field: field)
    measure.assignments.append(new)
    var events = [NewEvent(measure.subject, role.fact.init(facts))]
    if let day = old.activeFrom {
      events.append(
        NewEvent(
          measure.subject,
          ConditionActivated(assignment: facts.assignment, from: day, reason: .none, source: [])))
    }
    return events
  }
}

extension AssignmentFacts {
  /// The terms of an assignment for whoever carries it on.
  init(
    carryingOn old: Assignment, as id: Identifier<Assignment>, by holder: PartyID, from: LocalDate, until: LocalDate?
  ) {
    let label = { (text: String?) in text.flatMap { Label(normalized: $0) } }
    self.init(
      assignment: id, holder: holder, phase: label(old.phase), subject: label(old.subject),
      condition: label(old.condition), wording: label(old.wording), range: label(old.range), from: from, until: until,
      source: old.source)
  }
}

extension Assignment {
  /// Whether it gives the same holder the same, for at least as long.
  fileprivate func makesUp(for other: Assignment) -> Bool {
    let last = LocalDate(daysSinceEpoch: .max)
    return holder == other.holder && role == other.role && phase == other.phase && subject == other.subject
      && from <= other.from && until ?? last >= other.until ?? last && answer?.isAcceptance != false
      && (condition == nil || condition == other.condition)
  }
}

extension Assignment.Role {
  /// The event that gives the role.
  fileprivate var fact: any AssignmentFact.Type {
    switch self {
    case .lead: LeadAssigned.self
    case .leadPartner: LeadPartnerAssigned.self
    case .contributor: ContributorAssigned.self
    case .consulted: ConsultedAssigned.self
    case .unclear: UnclearRoleAssigned.self
    }
  }
}
