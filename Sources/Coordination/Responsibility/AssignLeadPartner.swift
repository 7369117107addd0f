package import EventSourcing

/// Assigns a lead partner (i. V. m.): named next to the lead, outside the cap.
package struct AssignLeadPartner: AssignmentCommand {
  package typealias Fact = LeadPartnerAssigned
  package static let name = "assign-lead-partner"
  package static let summary = LocalizedText(
    de: "Partner der Federführung zuordnen (i. V. m.)", en: "Assign a lead partner")
  package static let role = Assignment.Role.leadPartner

  package let terms: AssignmentTerms
  package init(terms: AssignmentTerms) { self.terms = terms }

  package func check(_ assignment: Assignment, _ measure: Measure, _ plan: Plan) throws(Refusal) {
    try refuse(.lead, besides: assignment, in: measure)
  }
}
