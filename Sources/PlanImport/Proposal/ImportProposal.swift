public import Coordination
public import EventSourcing

/// What importing a file onto a plan would do. Nothing has happened yet.
public struct ImportProposal: Sendable {
  /// In an order in which each can be decided after the ones before it; empty when a finding is fatal.
  public let commands: [any PlanCommand]
  /// The line of the file that each command comes from.
  public let lines: [Int?]
  /// When the commands take effect: the first day of the version for a new plan, otherwise today.
  public let effectiveDate: LocalDate
  public let findings: [ImportFinding]
  public let summary: ImportSummary

  public var isFatal: Bool { findings.contains { $0.severity == .fatal } }

  /// Whether the plan went on where the file was not edited, and stays so.
  public var leavesOut: Bool { findings.contains { $0.code == "plan-went-on" } }
}

/// What an import would create, change, end and leave alone.
public struct ImportSummary: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
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

  public struct Count: Hashable, Sendable {
    public internal(set) var created = 0
    public internal(set) var changed = 0
    public internal(set) var ended = 0
    public internal(set) var unchanged = 0
  }

  /// A printed range of measures and what it stands for.
  public struct Expansion: Hashable, Sendable {
    /// Such as `transfer.2 I-II`.
    public let range: String
    /// Such as `transfer.2.I`, `transfer.2.II`.
    public let measures: [String]
  }

  public internal(set) var counts: [Kind: Count] = [:]
  public internal(set) var expansions: [Expansion] = []

  public subscript(_ kind: Kind) -> Count { counts[kind] ?? Count() }

  mutating func count(_ kind: Kind, _ change: WritableKeyPath<Count, Int>) {
    counts[kind, default: Count()][keyPath: change] += 1
  }
}
