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
  init(_ assignment: Assignment) {
    let label = { (text: String?) in text.flatMap { Label(normalized: $0) } }
    self.init(
      assignment: Identifier(assignment.id), holder: assignment.holder, phase: label(assignment.phase),
      subject: label(assignment.subject), condition: label(assignment.condition), wording: label(assignment.wording),
      range: label(assignment.range), from: assignment.from, until: assignment.until, source: assignment.source)
  }
}

/// An event that gives a role; the role is in its type.
package protocol AssignmentFact: PlanFact {
  static var role: Assignment.Role { get }
  var facts: AssignmentFacts { get }
  init(_ facts: AssignmentFacts)
}

extension AssignmentFact {
  package static var record: Record<Self> {
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

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let measure = MeasureID(record.subject.id)
    plan.measures[measure]?.assignments.append(
      Assignment(
        id: facts.assignment.value, role: Self.role, holder: facts.holder, phase: facts.phase?.text,
        subject: facts.subject?.text, condition: facts.condition?.text, wording: facts.wording?.text,
        range: facts.range?.text, state: facts.condition == nil ? .named : .dormant, from: facts.from,
        until: facts.until, source: facts.source, events: [record.position]))
    plan.measuresByAssignment[facts.assignment.value] = measure
  }
}

package struct LeadAssigned: AssignmentFact {
  package static let type = "org.federwerk.measure.lead-assigned.v1"
  package static let role = Assignment.Role.lead
  package let facts: AssignmentFacts
  package init(_ facts: AssignmentFacts) { self.facts = facts }
}

package struct LeadPartnerAssigned: AssignmentFact {
  package static let type = "org.federwerk.measure.lead-partner-assigned.v1"
  package static let role = Assignment.Role.leadPartner
  package let facts: AssignmentFacts
  package init(_ facts: AssignmentFacts) { self.facts = facts }
}

package struct ContributorAssigned: AssignmentFact {
  package static let type = "org.federwerk.measure.contributor-assigned.v1"
  package static let role = Assignment.Role.contributor
  package let facts: AssignmentFacts
  package init(_ facts: AssignmentFacts) { self.facts = facts }
}

package struct ConsultedAssigned: AssignmentFact {
  package static let type = "org.federwerk.measure.consulted-assigned.v1"
  package static let role = Assignment.Role.consulted
  package let facts: AssignmentFacts
  package init(_ facts: AssignmentFacts) { self.facts = facts }
}

package struct UnclearRoleAssigned: AssignmentFact {
  package static let type = "org.federwerk.measure.unclear-role-assigned.v1"
  package static let role = Assignment.Role.unclear
  package let facts: AssignmentFacts
  package init(_ facts: AssignmentFacts) { self.facts = facts }
}

package struct AssignmentEnded: PlanFact {
  package static let type = "org.federwerk.measure.assignment-ended.v1"
  package static let record = Record(
    Self.init(assignment:until:reason:), Field("assignment", \.assignment), Field("until", \.until),
    Field("reason", \.reason))

  package let assignment: Identifier<Assignment>
  package let until: LocalDate
  package let reason: Disclosable

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    guard let index = plan.measures[id]?.assignments.firstIndex(where: { $0.id == assignment.value }) else { return }
    plan.measures[id]?.assignments[index].until = until
    plan.measures[id]?.assignments[index].events.append(record.position)
  }
}
