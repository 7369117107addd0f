public import EventSourcing

/// Records that an institution took over from others, wholly or in part (Rechtsnachfolge, Neuzuschnitt, §31).
///
/// The predecessors may live on; that one ends is said by `dissolve-institution`. What they hold stays theirs unless
/// the command says that it moves: then the old assignments end and new ones begin, all or none.
public struct SucceedInstitution: PlanCommand {
  public static let name = "succeed-institution"
  public static let summary = LocalizedText(de: "Nachfolge festhalten", en: "Record a succession")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [InstitutionSucceeded.self] + AssignmentMove.facts
  public static let record = Record(
    Self.init(predecessors:successor:moveAssignments:assignments:source:),
    Field("predecessors", \.predecessors, de: "eine oder mehrere", en: "one or more"),
    Field("successor", \.successor),
    Field(
      "moveAssignments", \.moveAssignments, de: "alle offenen Zuordnungen gehen über",
      en: "all open assignments move"),
    Field("assignments", \.assignments, de: "nur diese Zuordnungen gehen über", en: "only these assignments move"),
    Field("source", \.source))

  public let predecessors: [PartyReference]
  public let successor: PartyReference
  public let moveAssignments: Bool?
  public let assignments: [Identifier<Assignment>]
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let date = context.effectiveDate
    let successor = try plan.requireInstitution(successor, field: "successor")
    try plan.requireSuccessor(successor, on: date, field: "successor")
    try plan.requireCited(source)
    var holders: Set<PartyID> = []
    var events: [NewEvent] = []
    for reference in predecessors {
      let predecessor = try plan.requireInstitution(reference, field: "predecessors")
      guard holders.insert(predecessor.id).inserted else { continue }
      try requireNew(predecessor, successor, date)
      events.append(NewEvent(predecessor.subject, InstitutionSucceeded(by: successor.id, source: source)))
    }
    try ensure(
      !events.isEmpty,
      Refusal(
        .malformed, "missing-field", field: "predecessors", de: "Das Feld fehlt.", en: "The field is missing."))
    try requireMovable(holders, plan, date)
    let movesAll = moveAssignments == true
    let chosen = Set(assignments.map(\.value))
    return try events
      + AssignmentMove(date: date, successors: [successor.id], field: "successor")
      .events(moving: holders, in: plan, &context) { movesAll || chosen.contains($0.id) }
  }

  private func requireNew(_ predecessor: Party, _ successor: Party, _ date: LocalDate) throws(Refusal) {
    try ensure(
      predecessor.id != successor.id,
      Refusal(
        .rule, "cycle", field: "predecessors", de: "Niemand folgt sich selbst nach.", en: "Nobody succeeds itself."))
    try ensure(
      !predecessor.successions.contains(Party.Succession(by: successor.id, from: date)),
      Refusal(
        .conflict, "already-succeeded", field: "predecessors", de: "Diese Nachfolge ist schon festgehalten.",
        en: "This succession is already recorded.", facts: [.init("predecessor", .string(predecessor.slug))]))
  }

  private func requireMovable(_ holders: Set<PartyID>, _ plan: Plan, _ date: LocalDate) throws(Refusal) {
    for id in assignments {
      let known = try plan.require(id, field: "assignments").assignment
      let facts: [JSON.Member] = [.init("assignment", .string(id.description))]
      try ensure(
        holders.contains(known.holder),
        Refusal(
          .rule, "not-held", field: "assignments", de: "Diese Zuordnung hat keine der Vorgängerinnen.",
          en: "None of the predecessors holds this assignment.", facts: facts))
      try ensure(
        known.isOpen(on: date),
        Refusal(
          .conflict, "assignment-ended", field: "assignments", de: "Diese Zuordnung ist beendet.",
          en: "This assignment has ended.", facts: facts))
    }
  }
}

extension Plan {
  /// Whoever takes over exists on that day (§31).
  func requireSuccessor(_ party: Party, on date: LocalDate, field: String) throws(Refusal) {
    if let start = subjects[party.id.value]?.start, date < start {
      throw Refusal(
        .rule, "before-start", field: field, de: "Die Nachfolgerin gibt es erst ab \(start.german).",
        en: "The successor exists only from \(start.english).", facts: [.init("start", .string(start.description))])
    }
    guard let dissolution = party.dissolution, dissolution.from <= date else { return }
    throw Refusal(
      .rule, "successor-dissolved", field: field, de: "Die Nachfolgerin ist seit \(dissolution.from.german) aufgelöst.",
      en: "The successor was dissolved on \(dissolution.from.english).",
      facts: [.init("successor", .string(party.slug)), .init("dissolved", .string(dissolution.from.description))])
  }
}
