package import EventSourcing

/// Assigns a party that is consulted (in Abstimmung mit).
package struct AssignConsulted: AssignmentCommand {
  package typealias Fact = ConsultedAssigned
  package static let name = "assign-consulted"
  package static let summary = LocalizedText(de: "Abstimmung zuordnen", en: "Assign a consulted party")
  package static let role = Assignment.Role.consulted

  package let terms: AssignmentTerms
  package init(terms: AssignmentTerms) { self.terms = terms }

  package func check(_ assignment: Assignment, _ measure: Measure, _ plan: Plan) throws(Refusal) {
    try refuse(.lead, besides: assignment, in: measure)
  }
}
