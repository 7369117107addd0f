public import EventSourcing

/// Hands a lead over (Wechsel der Federführung): the old validity ends exactly where the new one begins (§4).
///
/// It may be agreed for a later day. Reports and issues belong to the measure, so whoever leads it has them.
public struct HandOverLead: PlanCommand {
  public static let name = "hand-over-lead"
  public static let summary = LocalizedText(de: "Federführung übergeben", en: "Hand over a lead")
  public static let roles = Set<Role>.participants
  public static let facts: [any PlanFact.Type] = [LeadHandedOver.self]
  public static let record = Record(
    Self.init(id:assignment:to:from:reason:),
    Field("id", \.id, de: "Kennung der neuen Zuordnung", en: "id of the new assignment"),
    Field("assignment", \.assignment, de: "bisherige Zuordnung", en: "the assignment so far"),
    Field("to", \.to, de: "neue Federführung", en: "the new lead"),
    Field(
      "from", \.from, de: "erster Tag der neuen Federführung; sonst das Wirkdatum",
      en: "first day of the new lead; the effective date unless given"),
    Field("reason", \.reason))

  public let id: Identifier<Assignment>?
  public let assignment: Identifier<Assignment>
  public let to: PartyReference
  public let from: LocalDate?
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let (old, measure) = try plan.require(assignment)
    try plan.requireNamedOrOffice(old, context)
    let holder = try plan.require(to, field: "to")
    let start = from ?? context.effectiveDate
    try requireStanding(old, on: max(start, context.today), context)
    try requireRightMoment(old, start)
    // A lead that ends on just that day has no term left to pass on; the new one then is open-ended.
    let until = old.until == start ? nil : old.until
    try plan.requireLedHere(measure, for: .lead, from: start, until: until)
    try ensure(
      holder.id != old.holder,
      Refusal(
        .rule, "same-holder", field: "to", de: "Sie hat die Federführung schon.", en: "It already is the lead.",
        facts: [.init("holder", .string(holder.slug))]))
    try requireReason(reason)
    try plan.requireActive(holder, on: start, field: "to")
    let successor = id ?? Identifier(context.newID())
    try plan.requireUnusedAssignment(successor)
    let facts = AssignmentFacts(carryingOn: old, as: successor, by: holder.id, from: start, until: until)
    var new = Assignment(facts, role: .lead, at: plan.size.nextPosition)
    new.activeFrom = old.activeFrom
    var rest = measure
    rest.change(assignment) { $0.until = start }
    try plan.check(new, in: rest, field: "to")
    return [
      NewEvent(
        measure.subject,
        LeadHandedOver(
          assignment: assignment, successor: successor, holder: holder.id, from: start, until: until,
          reason: Disclosable(reason)))
    ]
  }

  /// Who declined has nothing to hand over; the office may still pass the place on.
  private func requireStanding(_ old: Assignment, on date: LocalDate, _ context: DecisionContext) throws(Refusal) {
    try ensure(
      Set<Role>.office.contains(context.actor.role) || old.state(on: date) != .declined,
      Refusal(
        .conflict, "assignment-declined", field: "assignment",
        de: "Diese Zuordnung ist abgesagt; weitergeben kann sie nur die Geschäftsstelle.",
        en: "This assignment was declined; only the office can pass it on.",
        facts: [.init("assignment", .string(assignment.description))]))
  }

  private func requireRightMoment(_ old: Assignment, _ start: LocalDate) throws(Refusal) {
    try ensure(
      old.role(on: start) == .lead,
      Refusal(
        .rule, "not-a-lead", field: "assignment", de: "Diese Zuordnung ist keine Federführung.",
        en: "This assignment is not a lead.", facts: [.init("role", .string(old.role(on: start).rawValue))]))
    try ensure(
      old.followedBy == nil,
      Refusal(
        .conflict, "already-handed-over", field: "assignment", de: "Diese Federführung ist schon übergeben.",
        en: "This lead is already handed over.",
        facts: [.init("assignment", .string(old.followedBy?.description ?? ""))]))
    try ensure(
      start > old.from,
      Refusal(
        .rule, "end-before-start", field: "from", de: "Die Übergabe liegt nicht nach dem Beginn (\(old.from.german)).",
        en: "The hand-over does not follow the start (\(old.from.english))."))
    try ensure(
      old.until.map { start <= $0 } ?? true,
      Refusal(
        .rule, "lead-gap", field: "from",
        de: "Die bisherige Federführung endete schon vorher; es entstünde eine Lücke.",
        en: "The lead ended before that day; this would leave a gap.",
        facts: [.init("until", .string(old.until?.description ?? ""))]))
  }
}
