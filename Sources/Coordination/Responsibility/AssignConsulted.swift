package import EventSourcing

/// Assigns a party that is consulted (in Abstimmung mit); it is never the lead as well.
package struct AssignConsulted: AssignmentCommand {
  package typealias Fact = ConsultedAssigned
  package static let name = "assign-consulted"
  package static let summary = LocalizedText(de: "Abstimmung zuordnen", en: "Assign a consulted party")

  package let terms: AssignmentTerms
  package init(terms: AssignmentTerms) { self.terms = terms }
}
