package import EventSourcing

/// Who does what in a measure: role × phase × subject × condition × validity × range.
package struct Assignment: Hashable, Sendable {
  package enum Role: String, ChoiceFieldValue {
    case lead
    /// "in Verbindung mit": named next to the lead, outside the cap.
    case leadPartner = "lead-partner"
    case contributor, consulted
    /// The plan names the institution without a role; an open question to the office.
    case unclear
  }

  package enum State: String, Sendable {
    /// Named in the plan; nobody has confirmed.
    case named
    /// Bound to a condition that has not come true.
    case dormant
  }

  package let id: EntityID
  package let role: Role
  package let holder: PartyID
  package let phase: String?
  package let subject: String?
  package let condition: String?
  /// The plan's own wording of the role where it differs, such as `participation`.
  package let wording: String?
  /// The range that the plan printed and that was expanded to this measure.
  package let range: String?
  package let state: State
  package let from: LocalDate
  /// First day on which it no longer holds.
  package internal(set) var until: LocalDate?
  package let source: [Citation]
  /// The events that made it what it is, the one that named it first.
  package internal(set) var events: [Position] = []

  package func holds(on date: LocalDate) -> Bool { from <= date && until.map { date < $0 } ?? true }

  func overlaps(from start: LocalDate, until end: LocalDate?) -> Bool {
    let last = until ?? LocalDate(daysSinceEpoch: .max)
    return from < end ?? LocalDate(daysSinceEpoch: .max) && start < last && from < last
  }
}

/// What all commands that assign have in common.
package struct AssignmentTerms: Hashable, Sendable {
  package let id: EntityID?
  package let measure: MeasureReference
  package let institution: PartyReference
  package let phase: Label?
  package let subject: Label?
  package let condition: Label?
  package let wording: Label?
  package let range: Label?
  package let from: LocalDate?
  package let until: LocalDate?
  package let source: [Citation]
}

/// A command that gives an institution a role in a measure. The roles differ in their rules, not in their data.
package protocol AssignmentCommand: PlanCommand {
  associatedtype Fact: AssignmentFact
  static var role: Assignment.Role { get }
  var terms: AssignmentTerms { get }
  init(terms: AssignmentTerms)
  /// The rules of this role beyond those of every assignment.
  func check(_ assignment: Assignment, _ measure: Measure, _ plan: Plan) throws(Refusal)
}

extension AssignmentCommand {
  package static var roles: Set<Coordination.Role> { .office }
  package static var facts: [any PlanFact.Type] { [Fact.self] }

  package static var record: Record<Self> {
    Record(
      {
        Self(
          terms: AssignmentTerms(
            id: ($0 as Identifier<Assignment>?)?.value, measure: $1, institution: $2, phase: $3, subject: $4,
            condition: $5, wording: $6, range: $7, from: $8, until: $9, source: $10))
      },
      Field("id", \.identifier),
      Field("measure", \.terms.measure, de: "Code oder Kennung", en: "code or id"),
      Field(
        "institution", \.terms.institution, de: "Institution, Gruppe oder Platzhalter",
        en: "institution, group or placeholder"),
      Field("phase", \.terms.phase, de: "nur in dieser Phase", en: "in this phase only"),
      Field("subject", \.terms.subject, de: "nur für diesen Gegenstand", en: "for this subject only"),
      Field(
        "condition", \.terms.condition, de: "Bedingung; ruht, bis sie eintritt",
        en: "condition; dormant until it comes true"),
      Field(
        "wording", \.terms.wording, de: "abweichender Wortlaut der Rolle", en: "the plan's own wording of the role"),
      Field("range", \.terms.range, de: "gedruckter Bereich, z. B. I-III", en: "range as printed, such as I-III"),
      Field("from", \.terms.from), Field("until", \.terms.until, de: "erster Tag danach", en: "first day after"),
      Field("source", \.terms.source))
  }

  private var identifier: Identifier<Assignment>? { terms.id.map { Identifier($0) } }

  package func check(_ assignment: Assignment, _ measure: Measure, _ plan: Plan) throws(Refusal) {}

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(terms.measure, field: "measure")
    let holder = try plan.require(terms.institution, field: "institution")
    try plan.requireCited(terms.source)
    let start = terms.from ?? context.effectiveDate
    try ensure(
      terms.until.map { $0 > start } ?? true,
      Refusal(
        .rule, "end-before-start", field: "until", de: "Das Ende liegt vor dem Beginn.",
        en: "The end precedes the start."))
    let assignment = Assignment(
      id: terms.id ?? context.newID(), role: Self.role, holder: holder.id, phase: terms.phase?.text,
      subject: terms.subject?.text, condition: terms.condition?.text, wording: terms.wording?.text,
      range: terms.range?.text, state: terms.condition == nil ? .named : .dormant, from: start, until: terms.until,
      source: terms.source)
    try ensure(
      plan.measuresByAssignment[assignment.id] == nil,
      .taken("id", assignment.id.description, by: measure.code, field: "id"))
    try requireNew(assignment, measure)
    try check(assignment, measure, plan)
    return [NewEvent(measure.subject, Fact(AssignmentFacts(assignment)))]
  }

  private func requireNew(_ assignment: Assignment, _ measure: Measure) throws(Refusal) {
    let same = measure.assignments.first {
      $0.role == assignment.role && $0.holder == assignment.holder && $0.phase == assignment.phase
        && $0.subject == assignment.subject && $0.overlaps(from: assignment.from, until: assignment.until)
    }
    guard let same else { return }
    throw Refusal(
      .conflict, "already-assigned", field: "institution",
      de: "Diese Zuordnung besteht schon.", en: "This assignment already exists.",
      facts: [.init("assignment", .string(same.id.description))])
  }

  /// Refuses when the holder already has another role that excludes this one in the same phase (§2).
  func refuse(
    _ role: Assignment.Role, besides assignment: Assignment, in measure: Measure
  ) throws(Refusal) {
    let other = measure.assignments.first {
      $0.role == role && $0.holder == assignment.holder && $0.phase == assignment.phase
        && $0.subject == assignment.subject && $0.overlaps(from: assignment.from, until: assignment.until)
    }
    guard let other else { return }
    throw Refusal(
      .rule, "role-excluded", field: "institution",
      de: "Die Institution hat hier schon die Rolle \(role.rawValue).",
      en: "The institution already is \(role.rawValue) here.",
      facts: [.init("assignment", .string(other.id.description)), .init("role", .string(role.rawValue))])
  }
}
