public import EventSourcing

/// What an actor may do in general; the rules of a command narrow it further.
public enum Role: String, Sendable, CaseIterable {
  /// The coordination office (Geschäftsstelle).
  case coordinator
  /// An institution that leads measures (Federführung).
  case lead
  /// An institution that contributes (Mitarbeit).
  case contributor
  /// The steering circle (SKIP).
  case steering
  /// Reads everything, changes nothing.
  case auditor
  /// A partner system.
  case partner
  /// The program itself: clock and import.
  case system
}

/// Who asks, in the words of the domain.
public struct PlanActor: Hashable, Sendable {
  public let id: ActorID
  public let role: Role
  /// Slug of the institution that the actor belongs to.
  public let institution: String?
  /// Slug of the partner system that the actor is.
  public let partner: String?

  public init(id: ActorID, role: Role, institution: String? = nil, partner: String? = nil) {
    self.id = id
    self.role = role
    self.institution = institution
    self.partner = partner
  }
}

/// Everything a decision may depend on besides the plan: the domain itself knows no clock and no randomness.
public struct DecisionContext: Sendable {
  public var now: Timestamp
  /// The date of `now` in the plan's time zone.
  public var today: LocalDate
  public var actor: PlanActor
  /// When what is said takes effect; today unless the caller said otherwise.
  public var effectiveDate: LocalDate
  /// The institution, group or placeholder on whose behalf the events will say that they were recorded.
  public var onBehalfOf: EntityID?
  /// Whether the system can tell the days of a time zone; the domain itself looks nothing up.
  public var knowsTimeZone: @Sendable (String) -> Bool = { _ in true }
  private var identifiers: IdentifierSource

  public init(
    now: Timestamp, today: LocalDate, actor: PlanActor, effectiveDate: LocalDate? = nil, identifiers: IdentifierSource
  ) {
    self.now = now
    self.today = today
    self.actor = actor
    self.effectiveDate = effectiveDate ?? today
    self.identifiers = identifiers
  }

  public mutating func newID() -> EntityID { identifiers.next() }
}

/// A command on a plan.
public protocol PlanCommand: Command {
  /// The roles that may send it at all.
  static var roles: Set<Role> { get }
  /// The facts it can produce; together they are all event types there are.
  static var facts: [any PlanFact.Type] { get }
  /// Whether a closed plan still takes it (§8): corrections, links and what carries a measure over.
  static var isForClosedPlans: Bool { get }
  /// Judges the command on the plan as it is; the events say what happened, a refusal why nothing did.
  func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent]
}

extension PlanCommand {
  public static var isForClosedPlans: Bool { false }
}

/// An event that a decision produced, before it has a place in the log.
public struct NewEvent: Sendable {
  public let subject: Subject
  public let fact: any PlanFact

  public init(_ subject: Subject, _ fact: any PlanFact) {
    self.subject = subject
    self.fact = fact
  }
}

/// The facts of an event on a plan, and what they change.
public protocol PlanFact: EventPayload {
  /// Who may know of the event. There is no default: every new event has to say it.
  ///
  /// What the plan says, who carries it and what became of it is public; how delivery goes meanwhile is for all who
  /// take part, until a report releases it; what an institution and the office say in confidence is internal. A field
  /// that fewer may see than the event says so in `record`; one that can be erased is never public.
  static var circle: Circle { get }
  /// The institutions and measures whose own affair the event is: who acts for one of them, or leads one, sees also
  /// what is internal.
  func concerned(in plan: Plan, _ record: EventRecord) -> [EntityID]
  /// Whether a viewer may know of the event at all.
  /// - Parameter plan: the plan as the viewer knows it, before the event.
  func isVisible(to viewer: Viewer, in plan: Plan, _ record: EventRecord) -> Bool
  /// What happened, as one sentence in each language for the audit timeline.
  ///
  /// It names things by slug or code, as they are called in `plan`, which holds the event already. It never holds a
  /// text that can be erased.
  func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText
  /// The same fact on another state of the plan: what it only repeats of the one it was recorded on is what the other
  /// one says. So a fact that can name one of several values only with all of them changes no more than it did.
  ///
  /// - Parameters:
  ///   - plan: what it was recorded on, before it.
  ///   - other: what it is to be folded into.
  func rebased(from plan: Plan, onto other: Plan, _ record: EventRecord) -> any PlanFact
  /// The day from which something begins to hold, where the fact names it.
  var begins: LocalDate? { get }
  /// The day on which something no longer holds, where the fact names it.
  var ends: LocalDate? { get }
  /// Folds the fact into the plan. Never traps: whatever is recorded can be folded, also what rules of today would
  /// refuse.
  func apply(to plan: inout Plan, _ record: EventRecord)
}

extension PlanFact {
  public var begins: LocalDate? { nil }
  public var ends: LocalDate? { nil }

  public func concerned(in plan: Plan, _ record: EventRecord) -> [EntityID] { [] }

  public func rebased(from plan: Plan, onto other: Plan, _ record: EventRecord) -> any PlanFact { self }

  public func isVisible(to viewer: Viewer, in plan: Plan, _ record: EventRecord) -> Bool {
    viewer.circle(of: self, in: plan, record) <= Self.circle
  }
}

/// What a fold knows of an event besides its facts.
public struct EventRecord: Sendable {
  public let position: Position
  public let subject: Subject
  public let recordedAt: Timestamp
  public let effectiveDate: LocalDate
  public let actor: ActorID
  /// The institution, group or placeholder on whose behalf it was recorded.
  public let onBehalfOf: Subject?
  public let recordedSource: RecordedSource

  public init(
    position: Position, subject: Subject, recordedAt: Timestamp, effectiveDate: LocalDate, actor: ActorID,
    onBehalfOf: Subject? = nil, recordedSource: RecordedSource
  ) {
    self.position = position
    self.subject = subject
    self.recordedAt = recordedAt
    self.effectiveDate = effectiveDate
    self.actor = actor
    self.onBehalfOf = onBehalfOf
    self.recordedSource = recordedSource
  }

  public init(_ envelope: EventEnvelope) {
    self.init(
      position: envelope.position, subject: envelope.subject, recordedAt: envelope.time,
      effectiveDate: envelope.effectiveDate, actor: envelope.actor, onBehalfOf: envelope.onBehalfOf,
      recordedSource: envelope.recordedSource)
  }
}

extension Set<Role> {
  /// The office alone (and the program on its behalf).
  static let office: Set<Role> = [.coordinator, .system]
  /// Everyone who takes part in delivery.
  static let participants: Set<Role> = [.coordinator, .lead, .contributor, .steering, .system]
}
