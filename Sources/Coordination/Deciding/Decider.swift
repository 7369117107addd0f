public import EventSourcing

/// Decides commands on a plan: authorises, applies the command's own rules, then the rules that hold for every command.
public enum Decider {
  /// The events of one command, in order.
  ///
  /// - Parameters:
  ///   - unchangedSince: the caller's If-Match position: the command's subjects must not have changed after it.
  ///   - base: the plan before the list that the command is part of; what the list itself changes does not count.
  public static func decide(
    _ command: some PlanCommand, on plan: Plan, _ context: inout DecisionContext, unchangedSince: Position? = nil,
    base: Plan? = nil
  ) throws(Refusal) -> [NewEvent] {
    try authorize(type(of: command), context.actor)
    try refuseClosed(type(of: command), plan.closing(), context)
    let events = try command.decide(plan, &context)
    for event in events {
      try refuseClosed(type(of: command), plan.closing(of: event.subject), context, beginning: event.fact.begins)
      try refuseStale(event.subject, in: base ?? plan, unchangedSince, context)
      // What is said today of something to come takes effect then.
      let day = max(context.effectiveDate, event.fact.begins ?? event.fact.ends ?? context.effectiveDate)
      try plan.requireBegun(event.subject, by: day, field: "effectiveDate")
    }
    return events
  }

  private static func authorize(_ command: any PlanCommand.Type, _ actor: PlanActor) throws(Refusal) {
    try ensure(
      command.roles.contains(actor.role),
      Refusal(
        .forbidden, "role-not-allowed",
        de: "Die Rolle \(actor.role.rawValue) darf das nicht.", en: "The role \(actor.role.rawValue) may not do this.",
        facts: [
          .init("role", .string(actor.role.rawValue)),
          .init("allowed", .array(command.roles.map(\.rawValue).sorted().map { .string($0) })),
        ]))
  }

  /// A closed plan takes few commands, and one that is about to close takes none that take effect afterwards (§8).
  ///
  /// Every event is judged by its subject; a command that begins a subject inside another one asks for that other too.
  ///
  /// - Parameter start: from when what is said holds, where that is not the effective date.
  static func refuseClosed(
    _ command: any PlanCommand.Type, _ closing: LocalDate?, _ context: DecisionContext,
    beginning start: LocalDate? = nil
  ) throws(Refusal) {
    guard let closing, !command.isForClosedPlans else { return }
    try ensure(closing > context.today, .closed(closing))
    try ensure(context.effectiveDate < closing, .closed(closing, field: "effectiveDate"))
    try ensure(start.map { $0 < closing } ?? true, .closed(closing, field: "from"))
  }

  /// What the actor may not know of is no change to it.
  private static func refuseStale(
    _ subject: Subject, in plan: Plan, _ position: Position?, _ context: DecisionContext
  ) throws(Refusal) {
    guard let position else { return }
    // Whoever knows more than the log holds has seen events that are lost, and knows nothing of what is there now.
    try ensure(
      position < plan.size.nextPosition || plan.size == .zero,
      Refusal(
        .stale, "position-in-future",
        de: "So weit reicht das Log nicht; die Position in If-Match gab es nie oder sie ging verloren.",
        en: "The log does not reach the position given in If-Match; it never was, or was lost.",
        facts: [.init("ifMatch", .integer(position.value)), .init("size", .integer(plan.size.value))]))
    guard let known = plan.subjects[subject.id], known.version > position else { return }
    let concerned = plan.issues[IssueID(subject.id)]?.concerned ?? []
    let isOwn = Viewer(context.actor, in: plan, on: context.today).isConcerned(by: concerned + [subject.id])
    guard let version = isOwn ? known.version : known.sharedVersion, version > position else { return }
    throw Refusal(
      .stale, "subject-changed",
      de: "Der Gegenstand wurde inzwischen geändert.", en: "The subject changed since the position given in If-Match.",
      facts: [
        .init("subject", .string(subject.description)), .init("ifMatch", .integer(position.value)),
        .init("version", .integer(version.value)),
      ])
  }
}

extension Plan {
  /// Nothing holds of a subject before it began.
  func requireBegun(_ subject: Subject, by date: LocalDate, field: String) throws(Refusal) {
    guard let known = subjects[subject.id], date < known.start else { return }
    throw Refusal(
      .rule, "before-start", field: field,
      de: "Das Datum liegt vor dem Beginn des Gegenstands (\(known.start.german)).",
      en: "The date precedes the start of its subject (\(known.start.english)).",
      facts: [.init("start", .string(known.start.description))])
  }
}
