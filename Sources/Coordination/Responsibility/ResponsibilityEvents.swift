public import EventSourcing

/// The facts of every assignment event.
public struct AssignmentFacts: Hashable, Sendable {
  public let assignment: Identifier<Assignment>
  public let holder: PartyID
  public let phase: Label?
  public let subject: Label?
  public let condition: Label?
  public let wording: Label?
  public let range: Label?
  public let from: LocalDate
  public let until: LocalDate?
  public let source: [Citation]
}

extension AssignmentFacts {
  /// What it is limited to, as the end of a sentence.
  fileprivate var scope: LocalizedText {
    var scope = LocalizedText(de: "", en: "")
    if let subject { scope = scope + LocalizedText(de: " für \(subject)", en: " for \(subject)") }
    if let phase { scope = scope + LocalizedText(de: " in der Phase \(phase)", en: " in the phase \(phase)") }
    scope = scope + .period(from: from, until: until)
    guard condition != nil else { return scope }
    return scope + LocalizedText(de: ", sobald die Bedingung eintritt", en: " once the condition comes true")
  }
}

/// An event that gives a role; the role is in its type.
public protocol AssignmentFact: PlanFact {
  static var role: Assignment.Role { get }
  var facts: AssignmentFacts { get }
  init(_ facts: AssignmentFacts)
}

extension AssignmentFact {
  public var begins: LocalDate? { facts.from }

  public static var record: Record<Self> {
    .shared {
      Record(
        {
          Self(
            AssignmentFacts(
              assignment: $0, holder: $1, phase: $2, subject: $3, condition: $4, wording: $5, range: $6, from: $7,
              until: $8, source: $9))
        },
        Field("assignment", \.facts.assignment), Field("holder", \.facts.holder), Field("phase", \.facts.phase),
        Field("subject", \.facts.subject), Field("condition", \.facts.condition), Field("wording", \.facts.wording),
        Field("range", \.facts.range), Field("from", \.facts.from), Field("until", \.facts.until),
        Field("source", \.facts.source))
    }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let holder = plan.name(of: facts.holder, record)
    let measure = plan.name(of: record)
    let clause =
      switch Self.role {
      case .lead:
        LocalizedText(
          de: "\(holder) übernimmt die Federführung von \(measure)", en: "\(holder) takes the lead of \(measure)")
      case .leadPartner:
        LocalizedText(
          de: "\(holder) ist Partner der Federführung von \(measure)", en: "\(holder) is lead partner of \(measure)")
      case .contributor:
        LocalizedText(de: "\(holder) wirkt mit an \(measure)", en: "\(holder) contributes to \(measure)")
      case .consulted:
        LocalizedText(de: "\(measure) wird abgestimmt mit \(holder)", en: "\(holder) is consulted on \(measure)")
      case .unclear:
        LocalizedText(
          de: "\(holder) ist ohne klare Rolle genannt bei \(measure)",
          en: "\(holder) is named at \(measure) without a clear role")
      }
    return clause + facts.scope + "."
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.add(Assignment(facts, role: Self.role, at: record.position), to: MeasureID(record.subject.id))
  }
}

public struct LeadAssigned: AssignmentFact {
  public static let type = "org.federwerk.measure.lead-assigned.v1"
  public static let circle = Circle.public
  public static let role = Assignment.Role.lead
  public let facts: AssignmentFacts
  public init(_ facts: AssignmentFacts) { self.facts = facts }
}

public struct LeadPartnerAssigned: AssignmentFact {
  public static let type = "org.federwerk.measure.lead-partner-assigned.v1"
  public static let circle = Circle.public
  public static let role = Assignment.Role.leadPartner
  public let facts: AssignmentFacts
  public init(_ facts: AssignmentFacts) { self.facts = facts }
}

public struct ContributorAssigned: AssignmentFact {
  public static let type = "org.federwerk.measure.contributor-assigned.v1"
  public static let circle = Circle.public
  public static let role = Assignment.Role.contributor
  public let facts: AssignmentFacts
  public init(_ facts: AssignmentFacts) { self.facts = facts }
}

public struct ConsultedAssigned: AssignmentFact {
  public static let type = "org.federwerk.measure.consulted-assigned.v1"
  public static let circle = Circle.public
  public static let role = Assignment.Role.consulted
  public let facts: AssignmentFacts
  public init(_ facts: AssignmentFacts) { self.facts = facts }
}

public struct UnclearRoleAssigned: AssignmentFact {
  public static let type = "org.federwerk.measure.unclear-role-assigned.v1"
  public static let circle = Circle.public
  public static let role = Assignment.Role.unclear
  public let facts: AssignmentFacts
  public init(_ facts: AssignmentFacts) { self.facts = facts }
}

public struct AssignmentEnded: PlanFact {
  public static let type = "org.federwerk.measure.assignment-ended.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(assignment:until:reason:), Field("assignment", \.assignment), Field("until", \.until),
    Field("reason", \.reason))

  public let assignment: Identifier<Assignment>
  public let until: LocalDate
  public let reason: Disclosable

  public var ends: LocalDate? { until }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let role = plan.wording(ofRole: assignment, record)
    return LocalizedText(
      de: "\(role.german) endet zum \(until.german).", en: "\(role.english) ends on \(until.english).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(assignment, record) { $0.until = until }
  }
}
