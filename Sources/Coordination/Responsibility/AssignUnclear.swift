public import EventSourcing

/// Keeps that the plan names an institution without a role: an open question to the office, not a guess.
public struct AssignUnclear: AssignmentCommand {
  public typealias Fact = UnclearRoleAssigned
  public static let name = "assign-unclear"
  public static let summary = LocalizedText(de: "Ungeklärte Rolle festhalten", en: "Record an unclear role")

  public let terms: AssignmentTerms
  public init(terms: AssignmentTerms) { self.terms = terms }
}
