public import EventSourcing

public struct AssignmentAccepted: PlanFact {
  public static let type = "org.federwerk.measure.assignment-accepted.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(assignment:institution:), Field("assignment", \.assignment), Field("institution", \.institution))

  public let assignment: Identifier<Assignment>
  /// Who said so: the holder, or a member or parent for it.
  public let institution: PartyID

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    plan.answer(assignment, by: institution, record, de: "bestätigt", en: "accepted")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(assignment, record) { $0.answer = .init(isAcceptance: true, from: record.effectiveDate) }
  }
}

public struct AssignmentDeclined: PlanFact {
  public static let type = "org.federwerk.measure.assignment-declined.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(assignment:institution:reason:), Field("assignment", \.assignment),
    Field("institution", \.institution), Field("reason", \.reason))

  public let assignment: Identifier<Assignment>
  public let institution: PartyID
  public let reason: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    plan.answer(assignment, by: institution, record, de: "abgelehnt", en: "declined")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(assignment, record) { $0.answer = .init(isAcceptance: false, from: record.effectiveDate) }
  }
}

public struct ConditionActivated: PlanFact {
  public static let type = "org.federwerk.measure.condition-activated.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(assignment:from:reason:source:), Field("assignment", \.assignment), Field("from", \.from),
    Field("reason", \.reason), Field("source", \.source))

  public let assignment: Identifier<Assignment>
  public let from: LocalDate
  public let reason: Disclosable
  public let source: [Citation]

  public var begins: LocalDate? { from }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let role = plan.wording(ofRole: assignment, record)
    return LocalizedText(
      de: "\(role.german) ruht ab \(from.german) nicht mehr; die Bedingung ist eingetreten.",
      en: "\(role.english) is active from \(from.english); its condition came true.")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(assignment, record) { $0.activeFrom = from }
  }
}

public struct RoleClarified: PlanFact {
  public static let type = "org.federwerk.measure.role-clarified.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(assignment:role:reason:source:), Field("assignment", \.assignment), Field("role", \.role),
    Field("reason", \.reason), Field("source", \.source))

  public let assignment: Identifier<Assignment>
  public let role: Assignment.Role
  public let reason: Disclosable
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let holder = plan.holderName(assignment, record)
    let measure = plan.name(of: record)
    let date = record.effectiveDate
    return LocalizedText(
      de: "Die Rolle von \(holder) in \(measure) ist ab \(date.german) geklärt: \(role.noun.german).",
      en: "The role of \(holder) in \(measure) is clarified from \(date.english): \(role.noun.english).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(assignment, record) { $0.clarify(role, from: record.effectiveDate, at: record.position) }
  }
}

public struct LeadCapExceptionGranted: PlanFact {
  public static let type = "org.federwerk.measure.lead-cap-exception-granted.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(phase:leads:reason:), Field("phase", \.phase), Field("leads", \.leads), Field("reason", \.reason))

  public let phase: Label?
  public let leads: Int
  public let reason: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let measure = plan.name(of: record)
    let date = record.effectiveDate
    let phase =
      phase.map { LocalizedText(de: " in der Phase \($0)", en: " in the phase \($0)") } ?? LocalizedText(de: "", en: "")
    return LocalizedText(
      de: "\(measure) darf\(phase.german) ab \(date.german) ausnahmsweise \(leads) Federführungen haben.",
      en: "\(measure) may have \(leads) leads\(phase.english) from \(date.english), as an exception.")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    let phase = plan.measures[id]?.spelling(ofExceptedPhase: phase?.text)
    plan.measures[id]?.leadCapExceptions[phase, default: Timeline()]
      .record(leads, from: record.effectiveDate, at: record.position)
  }
}

/// One fact instead of an end and a beginning, so that the two can never come apart.
public struct LeadHandedOver: PlanFact {
  public static let type = "org.federwerk.measure.lead-handed-over.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(assignment:successor:holder:from:until:reason:), Field("assignment", \.assignment),
    Field("successor", \.successor), Field("holder", \.holder), Field("from", \.from), Field("until", \.until),
    Field("reason", \.reason))

  public let assignment: Identifier<Assignment>
  /// The assignment of the new holder; it has the terms of the old one.
  public let successor: Identifier<Assignment>
  public let holder: PartyID
  public let from: LocalDate
  public let until: LocalDate?
  public let reason: Disclosable

  public var begins: LocalDate? { from }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let measure = plan.name(of: record)
    let old = plan.holderName(assignment, record)
    let new = plan.name(of: holder, record)
    return LocalizedText(
      de: "Die Federführung von \(measure) geht zum \(from.german) von \(old) auf \(new) über.",
      en: "The lead of \(measure) passes from \(old) to \(new) on \(from.english).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let old = plan.measures[MeasureID(record.subject.id)]?.assignments.first(where: { $0.id == assignment.value })
    else { return }
    plan.change(assignment, record) {
      $0.until = from
      $0.followedBy = successor.value
    }
    let facts = AssignmentFacts(carryingOn: old, as: successor, by: holder, from: from, until: until)
    var new = Assignment(facts, role: .lead, at: record.position)
    new.activeFrom = old.activeFrom
    plan.add(new, to: MeasureID(record.subject.id))
  }
}

extension Plan {
  fileprivate func answer(
    _ assignment: Identifier<Assignment>, by institution: PartyID, _ record: EventRecord, de german: String,
    en english: String
  ) -> LocalizedText {
    let role = wording(ofRole: assignment, record)
    let speaker = name(of: institution, record)
    return LocalizedText(
      de: "\(role.german) ist \(german), erklärt \(speaker).", en: "\(role.english) is \(english), says \(speaker).")
  }
}
