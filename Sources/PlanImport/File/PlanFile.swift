public import Coordination
public import EventSourcing

/// A plan file as it was read: typed, every item with the line it begins at, all references within the file resolved.
public struct PlanFile: Sendable {
  /// The number after `federwerk:` that this build reads and writes.
  public static let formatVersion = 1

  /// The position of the plan's newest event when the file was written from it.
  public let position: Int?
  /// The day that the file shows the plan on, where it was written from a plan.
  public let validAt: LocalDate?
  public let plan: Header
  public let version: Version
  public let documents: [SourceDocument]
  public let institutions: [Institution]
  public let groups: [Group]
  public let placeholders: [Placeholder]
  public let figures: [Figure]
  public let strategies: [Strategy]
  public let questions: [Question]
  public let actionFields: [ActionField]
}

/// Something that has a place in the file.
public protocol PlanFileItem: Sendable {
  var line: Int { get }
  var path: String { get }
}

extension PlanFile {
  public struct Header: PlanFileItem {
    public let line: Int
    public let path: String
    public let slug: Slug
    public let title: Label
    public let otherTitles: [OtherTitle]
    public let source: [Citation]
  }

  public struct OtherTitle: PlanFileItem {
    public let line: Int
    public let path: String
    public let title: Label
    public let source: [Citation]
  }

  public struct Version: PlanFileItem {
    public let line: Int
    public let path: String
    public let slug: Slug
    public let title: Label
    public let from: LocalDate
    public let until: LocalDate
    public let timeZone: Label?
    public let leadCap: Int?
    /// Empty, as the two after it, when the file leaves the list to the plan.
    public let conditions: [Slug]
    public let horizons: [Slug]
    public let labels: [ListLabel]
    public let ladder: [LadderLevel]
    public let resolutionDate: LocalDate?
    public let resolutionBody: Slug?
    /// With the citations of the resolution.
    public let source: [Citation]
  }

  public struct SourceDocument: PlanFileItem {
    public let line: Int
    public let path: String
    public let key: Label
    public let title: Label
    public let sha256: Label?
  }

  public struct Institution: PlanFileItem {
    public let line: Int
    public let path: String
    public let slug: Slug
    public let short: Label?
    public let name: Label
    public let kind: Slug
    public let aliases: [Alias]
    public let unitOf: Slug?
    public let hostedBy: Slug?
    public let chairedBy: Slug?
    public let coordinatedBy: Slug?
    public let source: [Citation]
  }

  public struct Alias: PlanFileItem {
    public let line: Int
    public let path: String
    public let name: Label
    public let isPresumed: Bool
    public let source: [Citation]
  }

  public struct Group: PlanFileItem {
    public let line: Int
    public let path: String
    public let slug: Slug
    public let short: Label?
    public let name: Label
    public let kind: Party.GroupKind
    public let of: Slug?
    public let members: [Slug]
    public let aliases: [Alias]
    public let unitOf: Slug?
    public let hostedBy: Slug?
    public let chairedBy: Slug?
    public let coordinatedBy: Slug?
    public let source: [Citation]
  }

  public struct Placeholder: PlanFileItem {
    public let line: Int
    public let path: String
    public let slug: Slug
    public let label: Label
    public let steward: Slug
    public let due: LocalDate
    public let isDueInferred: Bool
    public let source: [Citation]
  }

  public struct Figure: PlanFileItem {
    public let line: Int
    public let path: String
    public let slug: Slug
    public let label: Label
    public let counts: StatedFigure.Counted
    public let value: Int
    public let source: [Citation]
  }

  public struct Strategy: PlanFileItem {
    public let line: Int
    public let path: String
    public let slug: Slug
    public let title: Label
    public let source: [Citation]
  }

  public struct Question: PlanFileItem {
    public let line: Int
    public let path: String
    public let slug: Slug
    public let label: FreeText
    /// Code of a measure; the whole plan when absent.
    public let about: String?
    public let source: [Citation]
  }

  public struct ActionField: PlanFileItem {
    public let line: Int
    public let path: String
    public let number: Int
    public let slug: Slug
    public let title: Label
    public let clusters: [Cluster]
    public let source: [Citation]
  }

  public struct Cluster: PlanFileItem {
    public let line: Int
    public let path: String
    public let slug: Slug
    public let title: Label
    public let otherTitles: [OtherTitle]
    public let goals: [Goal]
    public let taskFields: [TaskField]
    public let source: [Citation]
  }

  public struct Goal: PlanFileItem {
    public let line: Int
    public let path: String
    public let letter: Slug?
    public let title: Label
    public let source: [Citation]
  }

  public struct TaskField: PlanFileItem {
    public let line: Int
    public let path: String
    /// `<cluster>.<number>`, 1 where the plan prints none.
    public let code: String
    public let number: Int?
    public let title: Label
    public let description: Label?
    public let measures: [Measure]
    public let structure: [Block]
    public let source: [Citation]
  }

  /// A measure, or a part of one.
  public struct Measure: PlanFileItem {
    public let line: Int
    public let path: String
    public let code: String
    /// The code that it had before it was moved or renumbered in the file.
    public let formerCode: String?
    public let numeral: Numeral
    /// Letter or slug of a part.
    public let part: Label?
    public let title: Label
    public let kind: Coordination.Measure.Kind?
    public let horizon: Label?
    public let deliverables: [Label]
    /// Its own remark; those of its blocks come on top.
    public let note: Label?
    public let external: External?
    public let strategies: [Reference]
    public let seeAlso: [Reference]
    public let dependsOn: [Dependency]
    public let parts: [Measure]
    /// With the citations of its horizon.
    public let source: [Citation]
  }

  public struct External: PlanFileItem {
    public let line: Int
    public let path: String
    public let programme: Slug
    public let id: Label
  }

  /// A strategy, measure or cluster that a measure refers to.
  public struct Reference: PlanFileItem {
    public let line: Int
    public let path: String
    public let to: String
    /// Empty when the file leaves it to the measure's own citations.
    public let source: [Citation]
  }

  /// A measure waits for another one, or for an act outside the plan.
  public struct Dependency: PlanFileItem {
    public let line: Int
    public let path: String
    public let measure: String?
    public let act: Label?
    public let source: [Citation]
  }

  /// A block of the implementation structure (Umsetzungsstruktur): who does what in one measure or a range of them.
  public struct Block: PlanFileItem {
    public let line: Int
    public let path: String
    public let range: MeasureRange
    public let entries: [RoleEntry]
    public let note: Label?
    public let source: [Citation]
  }

  public struct RoleEntry: PlanFileItem {
    public let line: Int
    public let path: String
    public let role: Assignment.Role
    public let who: Slug
    public let phase: Label?
    public let subject: Label?
    public let condition: Label?
    public let wording: Label?
    /// The printed range where the block itself stands for less, as in exports.
    public let range: Label?
    public let from: LocalDate?
    public let until: LocalDate?
    /// Its own citations, otherwise those of its block.
    public let source: [Citation]
  }
}

extension PlanFile {
  public var clusters: [Cluster] { actionFields.flatMap(\.clusters) }
  public var taskFields: [TaskField] { clusters.flatMap(\.taskFields) }
  /// All measures, each followed by its parts.
  public var measures: [Measure] { taskFields.flatMap(\.allMeasures) }
}

extension PlanFile.TaskField {
  /// Its measures, each followed by its parts.
  public var allMeasures: [PlanFile.Measure] { measures.flatMap { [$0] + $0.parts } }

  /// The role entries that hold for a measure or part, in the order of the file, with their blocks.
  public func entries(for measure: PlanFile.Measure) -> [(block: PlanFile.Block, entry: PlanFile.RoleEntry)] {
    blocks(for: measure).flatMap { block in block.entries.map { (block, $0) } }
  }

  public func blocks(for measure: PlanFile.Measure) -> [PlanFile.Block] {
    let key = String(measure.code.dropFirst(code.count + 1))
    return structure.filter { $0.range.members.contains(key) }
  }

  /// The measure's remark with those of its blocks.
  func note(of measure: PlanFile.Measure) -> String? {
    let notes = ([measure.note] + blocks(for: measure).map(\.note)).compactMap { $0?.text }
    var distinct: [String] = []
    for note in notes where !distinct.contains(note) { distinct.append(note) }
    return distinct.isEmpty ? nil : distinct.joined(separator: " ")
  }

  /// Where the measure is printed, with the blocks that say nothing but where nothing is said.
  func source(of measure: PlanFile.Measure) -> [Citation] {
    measure.source.joined(with: blocks(for: measure).filter { $0.entries.isEmpty }.flatMap(\.source))
  }
}

extension [Citation] {
  /// Both lists without repetition, in order.
  func joined(with more: [Citation]) -> [Citation] {
    var all = self
    for citation in more where !all.contains(citation) { all.append(citation) }
    return all
  }
}
