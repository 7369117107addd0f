public import EventSourcing

/// Who does what in a measure: role × phase × subject × condition × validity × range.
public struct Assignment: Hashable, Sendable {
  public enum Role: String, ChoiceFieldValue {
    case lead
    /// "in Verbindung mit": named next to the lead, outside the cap.
    case leadPartner = "lead-partner"
    case contributor, consulted
    /// The plan names the institution without a role; an open question to the office.
    case unclear
  }

  public enum State: String, Sendable {
    /// Named in the plan; nobody has confirmed. Silence stays this.
    case named
    /// Bound to a condition that has not come true.
    case dormant
    /// The condition has come true; nobody has confirmed.
    case active
    case confirmed, declined
    case ended
    /// Ended because another assignment carries it on.
    case handedOver = "handed-over"
  }

  /// What the named institution said, once.
  public struct Answer: Hashable, Sendable {
    public let isAcceptance: Bool
    public let from: LocalDate
  }

  public let id: EntityID
  /// An unclear role becomes another one on the day from which it is clarified.
  public internal(set) var roles: Timeline<Role>
  public let holder: PartyID
  public let phase: String?
  public let subject: String?
  public let condition: String?
  /// The plan's own wording of the role where it differs, such as `participation`.
  public let wording: String?
  /// The range that the plan printed and that was expanded to this measure.
  public let range: String?
  public let from: LocalDate
  /// First day on which it no longer holds.
  public internal(set) var until: LocalDate?
  /// The day on which the condition comes true.
  public internal(set) var activeFrom: LocalDate?
  public internal(set) var answer: Answer?
  /// The assignment that carries this one on after a hand-over.
  public internal(set) var followedBy: EntityID?
  public let source: [Citation]
  /// The events that made it what it is, the one that named it first.
  public fileprivate(set) var events: [Position]

  init(_ facts: AssignmentFacts, role: Role, at position: Position) {
    id = facts.assignment.value
    roles = Timeline(role, from: facts.from, at: position)
    holder = facts.holder
    phase = facts.phase?.text
    subject = facts.subject?.text
    condition = facts.condition?.text
    wording = facts.wording?.text
    range = facts.range?.text
    from = facts.from
    until = facts.until
    source = facts.source
    events = [position]
  }

  /// The role as it is understood today.
  public var role: Role { roles.last ?? .unclear }

  public func role(on date: LocalDate) -> Role { roles.value(at: date) ?? roles.first ?? .unclear }

  /// What is clear before it begins is clear from its beginning on.
  mutating func clarify(_ role: Role, from date: LocalDate, at position: Position) {
    roles.record(role, from: max(date, from), at: position)
  }

  /// Worked out from the dated facts rather than kept, because they may be recorded in any order: an answer before the
  /// condition comes true, or an end before a day that was planned.
  public func state(on date: LocalDate) -> State {
    if let until, date >= until { return followedBy == nil ? .ended : .handedOver }
    let answered = answer.flatMap { $0.from <= date ? $0 : nil }
    if answered?.isAcceptance == false { return .declined }
    if condition != nil, activeFrom.map({ date < $0 }) ?? true { return .dormant }
    if answered != nil { return .confirmed }
    return condition == nil ? .named : .active
  }

  /// Whether it is valid on a day, also when it is dormant or was declined.
  public func holds(on date: LocalDate) -> Bool { from <= date && until.map { date < $0 } ?? true }

  /// Whether the holder has the role on a day: it is valid, neither dormant nor declined.
  public func counts(on date: LocalDate) -> Bool {
    guard holds(on: date) else { return false }
    switch state(on: date) {
    case .named, .active, .confirmed: return true
    case .dormant, .declined, .ended, .handedOver: return false
    }
  }

  public func leads(on date: LocalDate) -> Bool { role(on: date) == .lead && counts(on: date) }

  /// Whether anything of it lies on or after a day.
  func isOpen(on date: LocalDate) -> Bool { until.map { date < $0 } ?? true }

  func overlaps(from start: LocalDate, until end: LocalDate?) -> Bool {
    let last = until ?? LocalDate(daysSinceEpoch: .max)
    return from < end ?? LocalDate(daysSinceEpoch: .max) && start < last && from < last
  }
}

extension Plan {
  /// Whether an assignment's holder has the role on a day, and was not dissolved.
  public func counts(_ assignment: Assignment, on date: LocalDate) -> Bool {
    assignment.counts(on: date) && parties[assignment.holder]?.isDissolved(on: date) != true
  }

  /// Whether an assignment's holder leads on a day.
  public func leads(_ assignment: Assignment, on date: LocalDate) -> Bool {
    assignment.role(on: date) == .lead && counts(assignment, on: date)
  }

  /// An assignment with the measure that it belongs to.
  public func assignment(_ id: EntityID) -> (assignment: Assignment, measure: Measure)? {
    guard let measure = measuresByAssignment[id].flatMap({ measures[$0] }),
      let known = measure.assignments.first(where: { $0.id == id })
    else { return nil }
    return (known, measure)
  }

  func require(
    _ id: Identifier<Assignment>, field: String = "assignment"
  ) throws(Refusal) -> (assignment: Assignment, measure: Measure) {
    guard let known = assignment(id.value) else {
      throw .unknown("assignment", id.description, field: field, de: "Zuordnung", en: "assignment")
    }
    return known
  }

  mutating func add(_ assignment: Assignment, to measure: MeasureID) {
    measures[measure]?.assignments.append(assignment)
    measuresByAssignment[assignment.id] = measure
  }

  /// Changes an assignment of the event's measure; nothing where there is no such assignment.
  mutating func change(
    _ id: Identifier<Assignment>, _ record: EventRecord, _ change: (inout Assignment) -> Void
  ) {
    measures[MeasureID(record.subject.id)]?.change(id) {
      change(&$0)
      $0.events.append(record.position)
    }
  }
}

extension Measure {
  mutating func change(_ id: Identifier<Assignment>, _ change: (inout Assignment) -> Void) {
    guard let index = assignments.firstIndex(where: { $0.id == id.value }) else { return }
    change(&assignments[index])
  }
}
