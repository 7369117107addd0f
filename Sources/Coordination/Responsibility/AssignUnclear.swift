package import EventSourcing

/// Keeps that the plan names an institution without a role: an open question to the office, not a guess.
package struct AssignUnclear: AssignmentCommand {
  package typealias Fact = UnclearRoleAssigned
  package static let name = "assign-unclear"
  package static let summary = LocalizedText(de: "Ungeklärte Rolle festhalten", en: "Record an unclear role")

  package let terms: AssignmentTerms
  package init(terms: AssignmentTerms) { self.terms = terms }
}
