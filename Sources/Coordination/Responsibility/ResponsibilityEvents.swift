package import EventSourcing

/// The facts of every assignment event.
package struct AssignmentFacts: Hashable, Sendable {
  package let assignment: Identifier<Assignment>
  package let holder: PartyID
  package let phase: Label?
  package let subject: Label?
  package let condition: Label?
  package let wording: Label?
  package let range: Label?
  package let from: LocalDate
  package let until: LocalDate?
  package let source: [Citation]
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
package protocol AssignmentFact: PlanFact {
  static var role: Assignment.Role { get }
  var facts: AssignmentFacts { get }
  init(_ facts: AssignmentFacts)
}

extension AssignmentFact {
  package var begins: LocalDate? { facts.from }

  package static var record: Record<Self> {
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

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
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

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.add(Assignment(facts, role: Self.role, at: record.position), to: MeasureID(record.subject.id))
  }
}

package struct LeadAssigned: AssignmentFact {
  package static let type = "org.federwerk.measure.lead-assigned.v1"
  package static let circle = Circle.public
  package static let role = Assignment.Role.lead
  package let facts: AssignmentFacts
  package init(_ facts: AssignmentFacts) { self.facts = facts }
}

package struct LeadPartnerAssigned: AssignmentFact {
  package static let type = "org.federwerk.measure.lead-partner-assigned.v1"
  package static let circle = Circle.public
  package static let role = Assignment.Role.leadPartner
  package let facts: AssignmentFacts
  package init(_ facts: AssignmentFacts) { self.facts = facts }
}

package struct ContributorAssigned: AssignmentFact {
  package static let type = "org.federwerk.measure.contributor-assigned.v1"
  package static let circle = Circle.public
  package static let role = Assignment.Role.contributor
  package let facts: AssignmentFacts
  package init(_ facts: AssignmentFacts) { self.facts = facts }
}

package struct ConsultedAssigned: AssignmentFact {
  package static let type = "org.federwerk.measure.consulted-assigned.v1"
  package static let circle = Circle.public
  package static let role = Assignment.Role.consulted
  package let facts: AssignmentFacts
  package init(_ facts: AssignmentFacts) { self.facts = facts }
}

package struct UnclearRoleAssigned: AssignmentFact {
  package static let type = "org.federwerk.measure.unclear-role-assigned.v1"
  package static let circle = Circle.public
  package static let role = Assignment.Role.unclear
  package let facts: AssignmentFacts
  package init(_ facts: AssignmentFacts) { self.facts = facts }
}

package struct AssignmentEnded: PlanFact {
  package static let type = "org.federwerk.measure.assignment-ended.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(assignment:until:reason:), Field("assignment", \.assignment), Field("until", \.until),
    Field("reason", \.reason))

  package let assignment: Identifier<Assignment>
  package let until: LocalDate
  package let reason: Disclosable

  package var ends: LocalDate? { until }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let role = plan.wording(ofRole: assignment, record)
    return LocalizedText(
      de: "\(role.german) endet zum \(until.german).", en: "\(role.english) ends on \(until.english).")
  }

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(assignment, record) { $0.until = until }
  }
}
