internal import EventSourcing

extension Set<Role> {
  /// The office, and the institutions that lead measures.
  static let delivery: Set<Role> = [.coordinator, .lead, .system]
}

extension Plan {
  /// The measure of a delivery command: the actor is the office or leads it, and it is still being delivered here.
  func requireInDelivery(_ reference: MeasureReference, _ context: DecisionContext) throws(Refusal) -> Measure {
    let measure = try requireOwn(reference, context)
    try requireUnfinished(measure, on: context.effectiveDate)
    return measure
  }

  /// A measure that the actor may dispose of: the office any, an institution those that it leads on that day. Who led
  /// it only then has no say in what goes on to hold: that is for whoever leads it today (§4).
  ///
  /// - Parameter isOpenEnded: whether what is said goes on to hold, and is not of that one day.
  func requireOwn(
    _ reference: MeasureReference, _ context: DecisionContext, isOpenEnded: Bool = true
  ) throws(Refusal) -> Measure {
    let measure = try require(reference, field: "measure", context)
    try requireOwn(measure, on: context.effectiveDate, context)
    if isOpenEnded, context.today > context.effectiveDate { try requireOwn(measure, on: context.today, context) }
    return measure
  }

  private func requireOwn(_ measure: Measure, on date: LocalDate, _ context: DecisionContext) throws(Refusal) {
    guard !Set<Role>.office.contains(context.actor.role) else { return }
    try requireLead(try actingInstitution(nil, context), of: measure, on: date)
  }

  func requireNotDiscontinued(_ measure: Measure, on date: LocalDate) throws(Refusal) {
    try ensure(
      state(of: measure, on: date) != .discontinued,
      Refusal(
        .conflict, "discontinued", field: "measure", de: "Diese Maßnahme ist eingestellt.",
        en: "This measure has been discontinued."))
  }

  func requireLead(_ institution: Party, of measure: Measure, on date: LocalDate) throws(Refusal) {
    let leads = measure.assignments.contains {
      self.leads($0, on: date) && covers($0.holder, institution.id, on: date)
    }
    try ensure(
      leads,
      Refusal(
        .forbidden, "not-lead", field: "measure", de: "Das darf nur, wer die Federführung hat.",
        en: "Only a lead of the measure may do this.",
        facts: [.init("institution", .string(institution.slug)), .init("measure", .string(measure.code(on: date)))]))
  }

  /// Whether somebody leads a phase of a measure on a day (§5); a placeholder will do, a condition that has not come
  /// true will not. A measure without a lead of its own is led when all its parts are that are to be led.
  func isLed(_ measure: Measure, in phase: String, on date: LocalDate) -> Bool {
    let isLed = measure.assignments.contains {
      ($0.phase.map { Self.isSameName($0, phase) } ?? true) && leads($0, on: date)
    }
    let parts = partsToLead(of: measure, on: date)
    return isLed || !parts.isEmpty && parts.allSatisfy { self.isLed($0, in: phase, on: date) }
  }
}

extension Measure {
  func requireMilestone(_ id: Identifier<Milestone>) throws(Refusal) -> Milestone {
    guard let milestone = milestones.first(where: { $0.id == id.value }) else {
      throw .unknown("milestone", id.description, field: "milestone", de: "Meilenstein", en: "milestone")
    }
    if let day = milestone.reachedOn {
      throw Refusal(
        .conflict, "already-reached", field: "milestone", de: "Der Meilenstein ist schon erreicht.",
        en: "The milestone has already been reached.", facts: [.init("on", .string(day.description))])
    }
    return milestone
  }

  /// Refuses to call something done while milestones without which it is not are open (§11).
  func requireNoOpenMilestones(on date: LocalDate) throws(Refusal) {
    let open = milestones.filter { $0.isMandatory && !($0.reachedOn.map { $0 <= date } ?? false) }
    try ensure(
      open.isEmpty,
      Refusal(
        .rule, "milestones-open", field: "measure", de: "Verpflichtende Meilensteine sind noch offen.",
        en: "Mandatory milestones are still open.",
        facts: [.init("milestones", .array(open.map { .string($0.title) }))]))
  }
}

extension PlanVersion {
  /// Whether a date of a measure lies outside the term; it may, as long as that is said and explained (§10).
  func isBeyondTerm(_ date: LocalDate, flagged: Bool?, reason: FreeText?) throws(Refusal) -> Bool {
    guard date < from || date > until else { return false }
    try ensure(
      flagged == true && reason != nil,
      Refusal(
        .rule, "beyond-term", field: "due", de: "Außerhalb der Laufzeit nur mit Kennzeichnung und Begründung.",
        en: "Outside the term only when flagged, with a reason.",
        facts: [.init("from", .string(from.description)), .init("until", .string(until.description))]))
    return true
  }
}

extension Refusal {
  static func endBeforeStart(_ start: LocalDate, field: String) -> Refusal {
    Refusal(
      .rule, "end-before-start", field: field, de: "Das Ende liegt vor dem Beginn (\(start.german)).",
      en: "The end precedes the start (\(start.english)).", facts: [.init("start", .string(start.description))])
  }

  static func futureDate(_ date: LocalDate, field: String) -> Refusal {
    Refusal(
      .rule, "future-date", field: field, de: "Der Tag liegt in der Zukunft.", en: "The day lies in the future.",
      facts: [.init("date", .string(date.description))])
  }

  static func reasonNeeded(de german: String, en english: String) -> Refusal {
    Refusal(
      .rule, "reason-needed", field: "reason", de: "Bitte begründen: \(german).", en: "A reason is needed: \(english).")
  }
}
