public import EventSourcing

/// Assigns a party that is consulted (in Abstimmung mit); it is never the lead as well.
public struct AssignConsulted: AssignmentCommand {
  public typealias Fact = ConsultedAssigned
  public static let name = "assign-consulted"
  public static let summary = LocalizedText(de: "Abstimmung zuordnen", en: "Assign a consulted party")

  public let terms: AssignmentTerms
  public init(terms: AssignmentTerms) { self.terms = terms }
}
