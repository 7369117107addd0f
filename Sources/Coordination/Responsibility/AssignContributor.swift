package import EventSourcing

/// Assigns a contributor (Mitarbeit, Beteiligung).
package struct AssignContributor: AssignmentCommand {
  package typealias Fact = ContributorAssigned
  package static let name = "assign-contributor"
  package static let summary = LocalizedText(de: "Mitarbeit zuordnen", en: "Assign a contributor")

  package let terms: AssignmentTerms
  package init(terms: AssignmentTerms) { self.terms = terms }
}
