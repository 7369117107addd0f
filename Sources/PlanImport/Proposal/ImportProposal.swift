package import Coordination
package import EventSourcing

/// What importing a file onto a plan would do. Nothing has happened yet.
package struct ImportProposal: Sendable {
  /// In an order in which each can be decided after the ones before it; empty when a finding is fatal.
  package let commands: [any PlanCommand]
  /// The line of the file that each command comes from.
  package let lines: [Int?]
  /// When the commands take effect: the first day of the version for a new plan, otherwise today.
  package let effectiveDate: LocalDate
  package let findings: [ImportFinding]
  package let summary: ImportSummary

  package var isFatal: Bool { findings.contains { $0.severity == .fatal } }
}

/// What an import would create, change, end and leave alone.
package struct ImportSummary: Hashable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case plan
    case documents
    case versions
    case otherTitles = "other-titles"
    case strategies, institutions, groups, placeholders, aliases, units, hostings, chairs
    case groupMembers = "group-members"
    case statedFigures = "stated-figures"
    case actionFields = "action-fields"
    case themeClusters = "theme-clusters"
    case goals
    case taskFields = "task-fields"
    case measures
    case subMeasures = "sub-measures"
    case links
    case externalMeasures = "external-measures"
    case citations
    case assignments
    case questions
  }

  package struct Count: Hashable, Sendable {
    package internal(set) var created = 0
    package internal(set) var changed = 0
    package internal(set) var ended = 0
    package internal(set) var unchanged = 0
  }

  /// A printed range of measures and what it stands for.
  package struct Expansion: Hashable, Sendable {
    /// Such as `transfer.2 I-II`.
    package let range: String
    /// Such as `transfer.2.I`, `transfer.2.II`.
    package let measures: [String]
  }

  package internal(set) var counts: [Kind: Count] = [:]
  package internal(set) var expansions: [Expansion] = []

  package subscript(_ kind: Kind) -> Count { counts[kind] ?? Count() }

  mutating func count(_ kind: Kind, _ change: WritableKeyPath<Count, Int>) {
    counts[kind, default: Count()][keyPath: change] += 1
  }
}
