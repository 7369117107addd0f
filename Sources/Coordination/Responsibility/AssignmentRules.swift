internal import EventSourcing

extension Plan {
  /// The rules of every assignment, whichever command makes it: it is new (§2), its role does not exclude another that
  /// the holder has, and there is room for a lead (§1).
  ///
  /// - Parameters:
  ///   - candidate: the assignment as it would be; it may already stand in the measure in an earlier form.
  ///   - measure: the measure as it would be without it.
  func check(_ candidate: Assignment, in measure: Measure, field: String) throws(Refusal) {
    if let same = measure.assignments.first(where: { $0.role == candidate.role && $0.competes(with: candidate) }) {
      throw Refusal(
        .conflict, "already-assigned", field: field,
        de: "Diese Zuordnung besteht schon.", en: "This assignment already exists.",
        facts: [.init("assignment", .string(same.id.description))])
    }
    let other = measure.assignments.first {
      candidate.role.excluded.contains($0.role) && $0.meets(candidate)
    }
    if let other {
      throw Refusal(
        .rule, "role-excluded", field: field,
        de: "Die Institution hat hier schon die Rolle „\(other.role.noun.german)“.",
        en: "The institution already has the role “\(other.role.noun.english)” here.",
        facts: [.init("assignment", .string(other.id.description)), .init("role", .string(other.role.rawValue))])
    }
    try requireRoomForLead(candidate, in: measure, field: field)
  }

  /// Whoever takes on a role is there on its first day (§2): registered by then, not dissolved, and no placeholder that
  /// was resolved.
  func requireActive(_ party: Party, on date: LocalDate, field: String) throws(Refusal) {
    try requireBegun(party.subject, by: date, field: field)
    let slugs = { (parties: [PartyID]) in parties.map { JSON.string(self.parties[$0]?.slug ?? $0.description) } }
    if let resolution = party.resolution, resolution.from <= date {
      throw Refusal(
        .conflict, "already-resolved", field: field,
        de: "Der Platzhalter ist seit \(resolution.from.german) aufgelöst.",
        en: "The placeholder was resolved on \(resolution.from.english).",
        facts: [.init("institutions", .array(slugs(resolution.institutions)))])
    }
    guard let dissolution = party.dissolution, dissolution.from <= date else { return }
    let successor = successor(of: party, on: date).map { [$0] } ?? []
    throw Refusal(
      .rule, "institution-dissolved", field: field,
      de: "Die Institution ist seit \(dissolution.from.german) aufgelöst.",
      en: "The institution was dissolved on \(dissolution.from.english).",
      facts: [
        .init("institution", .string(party.slug)), .init("dissolved", .string(dissolution.from.description)),
        .init("successor", slugs(successor).first ?? .null),
      ])
  }

  func requireUnusedAssignment(_ id: Identifier<Assignment>) throws(Refusal) {
    if let known = assignment(id.value) {
      throw .taken("id", id.description, by: known.measure.code, field: "id")
    }
  }

  /// Only the institution that an assignment names speaks for it (§3): itself, a member, or the parent of a unit.
  func requireNamed(_ assignment: Assignment, _ context: DecisionContext) throws(Refusal) -> Party {
    let own = try actingInstitution(nil, context)
    try ensure(
      covers(assignment.holder, own.id, on: context.effectiveDate),
      Refusal(
        .forbidden, "not-named", field: "assignment", de: "Die Zuordnung nennt eine andere Institution.",
        en: "The assignment names another institution.",
        facts: [.init("institution", .string(parties[assignment.holder]?.slug ?? ""))]))
    return own
  }

  func requireNamedOrOffice(_ assignment: Assignment, _ context: DecisionContext) throws(Refusal) {
    if Set<Role>.office.contains(context.actor.role) { return }
    _ = try requireNamed(assignment, context)
  }
}

extension Assignment {
  /// Whether two assignments give the same holder something for the same phase and subject at the same time.
  fileprivate func competes(with other: Assignment) -> Bool {
    meets(other) && (phase == nil) == (other.phase == nil) && (subject == nil) == (other.subject == nil)
  }

  /// Whether two assignments of one holder have a time, a phase and a subject in common; one without a phase or subject
  /// is for all of them.
  fileprivate func meets(_ other: Assignment) -> Bool {
    func haveInCommon(_ own: String?, _ others: String?) -> Bool {
      guard let own, let others else { return true }
      return Plan.isSameName(own, others)
    }
    return id != other.id && holder == other.holder && haveInCommon(phase, other.phase)
      && haveInCommon(subject, other.subject) && overlaps(from: other.from, until: other.until)
  }
}

extension Assignment.Role {
  /// The roles that nobody has besides this one in the same phase (§2).
  fileprivate var excluded: Set<Assignment.Role> {
    switch self {
    case .lead: [.leadPartner, .consulted]
    case .leadPartner, .consulted: [.lead]
    case .contributor, .unclear: []
    }
  }
}
