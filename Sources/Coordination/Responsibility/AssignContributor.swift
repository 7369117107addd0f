public import EventSourcing

/// Assigns a contributor (Mitarbeit, Beteiligung).
public struct AssignContributor: AssignmentCommand {
  public typealias Fact = ContributorAssigned
  public static let name = "assign-contributor"
  public static let summary = LocalizedText(de: "Mitarbeit zuordnen", en: "Assign a contributor")

  public let terms: AssignmentTerms
  public init(terms: AssignmentTerms) { self.terms = terms }
}
