public import EventSourcing

/// Assigns a lead partner (i. V. m.): named next to the lead, outside the cap.
public struct AssignLeadPartner: AssignmentCommand {
  public typealias Fact = LeadPartnerAssigned
  public static let name = "assign-lead-partner"
  public static let summary = LocalizedText(
    de: "Partner der Federführung zuordnen (i. V. m.)", en: "Assign a lead partner")

  public let terms: AssignmentTerms
  public init(terms: AssignmentTerms) { self.terms = terms }
}
