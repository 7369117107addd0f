public import EventSourcing

/// Assigns a lead (Federführung): at most as many per measure and phase as the plan allows (§1, see `LeadCap.swift`).
///
/// The lead of one phase only is the same command with `phase`, and the lead of a sub-measure the same with the code of
/// the sub-measure: the data and the rules are those of any other lead, so there are no commands of their own for them.
public struct AssignLead: AssignmentCommand {
  public typealias Fact = LeadAssigned
  public static let name = "assign-lead"
  public static let summary = LocalizedText(de: "Federführung zuordnen", en: "Assign a lead")

  public let terms: AssignmentTerms
  public init(terms: AssignmentTerms) { self.terms = terms }
}
