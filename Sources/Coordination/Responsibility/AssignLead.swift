package import EventSourcing

/// Assigns a lead (Federführung): at most as many per measure and phase as the plan allows (§1, see `LeadCap.swift`).
///
/// The lead of one phase only is the same command with `phase`, and the lead of a sub-measure the same with the code of
/// the sub-measure: the data and the rules are those of any other lead, so there are no commands of their own for them.
package struct AssignLead: AssignmentCommand {
  package typealias Fact = LeadAssigned
  package static let name = "assign-lead"
  package static let summary = LocalizedText(de: "Federführung zuordnen", en: "Assign a lead")

  package let terms: AssignmentTerms
  package init(terms: AssignmentTerms) { self.terms = terms }
}
