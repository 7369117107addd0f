package import EventSourcing

/// Assigns a lead partner (i. V. m.): named next to the lead, outside the cap.
package struct AssignLeadPartner: AssignmentCommand {
  package typealias Fact = LeadPartnerAssigned
  package static let name = "assign-lead-partner"
  package static let summary = LocalizedText(
    de: "Partner der Federführung zuordnen (i. V. m.)", en: "Assign a lead partner")

  package let terms: AssignmentTerms
  package init(terms: AssignmentTerms) { self.terms = terms }
}
