package import Coordination
package import EventSourcing

/// A plan file as it was read: typed, every item with the line it begins at, all references within the file resolved.
package struct PlanFile: Sendable {
  /// The number after `federwerk:` that this build reads and writes.
  package static let formatVersion = 1

  /// The position of the plan's newest event when the file was written from it.
  package let position: Int?
  package let plan: Header
  package let version: Version
  package let documents: [SourceDocument]
  package let institutions: [Institution]
  package let groups: [Group]
  package let placeholders: [Placeholder]
  package let figures: [Figure]
  package let strategies: [Strategy]
  package let questions: [Question]
  package let actionFields: [ActionField]
}

/// Something that has a place in the file.
package protocol PlanFileItem: Sendable {
  var line: Int { get }
  var path: String { get }
}

extension PlanFile {
  package struct Header: PlanFileItem {
    package let line: Int
    package let path: String
    package let slug: Slug
    package let title: Label
    package let otherTitles: [OtherTitle]
    package let source: [Citation]
  }

  package struct OtherTitle: PlanFileItem {
    package let line: Int
    package let path: String
    package let title: Label
    package let source: [Citation]
  }

  package struct Version: PlanFileItem {
    package let line: Int
    package let path: String
    package let slug: Slug
    package let title: Label
    package let from: LocalDate
    package let until: LocalDate
    package let timeZone: Label?
    package let leadCap: Int?
    /// Empty, as the two after it, when the file leaves the list to the plan.
    package let conditions: [Slug]
    package let horizons: [Slug]
    package let labels: [ListLabel]
    package let ladder: [LadderLevel]
    package let resolutionDate: LocalDate?
    package let resolutionBody: Slug?
    /// With the citations of the resolution.
    package let source: [Citation]
  }

  package struct SourceDocument: PlanFileItem {
    package let line: Int
    package let path: String
    package let key: Label
    package let title: Label
    package let sha256: Label?
  }

  package struct Institution: PlanFileItem {
    package let line: Int
    package let path: String
    package let slug: Slug
    package let short: Label?
    package let name: Label
    package let kind: Slug
    package let aliases: [Alias]
    package let unitOf: Slug?
    package let hostedBy: Slug?
    package let chairedBy: Slug?
    package let coordinatedBy: Slug?
    package let source: [Citation]
  }

  package struct Alias: PlanFileItem {
    package let line: Int
    package let path: String
    package let name: Label
    package let isPresumed: Bool
    package let source: [Citation]
  }

  package struct Group: PlanFileItem {
    package let line: Int
    package let path: String
    package let slug: Slug
    package let short: Label?
    package let name: Label
    package let kind: Party.GroupKind
    package let of: Slug?
    package let members: [Slug]
    package let aliases: [Alias]
    package let unitOf: Slug?
    package let hostedBy: Slug?
    package let chairedBy: Slug?
    package let coordinatedBy: Slug?
    package let source: [Citation]
  }

  package struct Placeholder: PlanFileItem {
    package let line: Int
    package let path: String
    package let slug: Slug
    package let label: Label
    package let steward: Slug
    package let due: LocalDate
    package let isDueInferred: Bool
    package let source: [Citation]
  }

  package struct Figure: PlanFileItem {
    package let line: Int
    package let path: String
    package let slug: Slug
    package let label: Label
    package let counts: StatedFigure.Counted
    package let value: Int
    package let source: [Citation]
  }

  package struct Strategy: PlanFileItem {
    package let line: Int
    package let path: String
    package let slug: Slug
    package let title: Label
    package let source: [Citation]
  }

  package struct Question: PlanFileItem {
    package let line: Int
    package let path: String
    package let slug: Slug
    package let label: FreeText
    /// Code of a measure; the whole plan when absent.
    package let about: String?
    package let source: [Citation]
  }

  package struct ActionField: PlanFileItem {
    package let line: Int
    package let path: String
    package let number: Int
    package let slug: Slug
    package let title: Label
    package let clusters: [Cluster]
    package let source: [Citation]
  }

  package struct Cluster: PlanFileItem {
    package let line: Int
    package let path: String
    package let slug: Slug
    package let title: Label
    package let otherTitles: [OtherTitle]
    package let goals: [Goal]
    package let taskFields: [TaskField]
    package let source: [Citation]
  }

  package struct Goal: PlanFileItem {
    package let line: Int
    package let path: String
    package let letter: Slug?
    package let title: Label
    package let source: [Citation]
  }

  package struct TaskField: PlanFileItem {
    package let line: Int
    package let path: String
    /// `<cluster>.<number>`, 1 where the plan prints none.
    package let code: String
    package let number: Int?
    package let title: Label
    package let description: Label?
    package let measures: [Measure]
    package let structure: [Block]
    package let source: [Citation]
  }

  /// A measure, or a part of one.
  package struct Measure: PlanFileItem {
    package let line: Int
    package let path: String
    package let code: String
    /// The code that it had before it was moved or renumbered in the file.
    package let formerCode: String?
    package let numeral: Numeral
    /// Letter or slug of a part.
    package let part: Label?
    package let title: Label
    package let kind: Coordination.Measure.Kind?
    package let horizon: Label?
    package let deliverables: [Label]
    /// Its own remark; those of its blocks come on top.
    package let note: Label?
    package let external: External?
    package let strategies: [Reference]
    package let seeAlso: [Reference]
    package let dependsOn: [Dependency]
    package let parts: [Measure]
    /// With the citations of its horizon.
    package let source: [Citation]
  }

  package struct External: PlanFileItem {
    package let line: Int
    package let path: String
    package let programme: Slug
    package let id: Label
  }

  /// A strategy, measure or cluster that a measure refers to.
  package struct Reference: PlanFileItem {
    package let line: Int
    package let path: String
    package let to: String
    /// Empty when the file leaves it to the measure's own citations.
    package let source: [Citation]
  }

  /// A measure waits for another one, or for an act outside the plan.
  package struct Dependency: PlanFileItem {
    package let line: Int
    package let path: String
    package let measure: String?
    package let act: Label?
    package let source: [Citation]
  }

  /// A block of the implementation structure (Umsetzungsstruktur): who does what in one measure or a range of them.
  package struct Block: PlanFileItem {
    package let line: Int
    package let path: String
    package let range: MeasureRange
    package let entries: [RoleEntry]
    package let note: Label?
    package let source: [Citation]
  }

  package struct RoleEntry: PlanFileItem {
    package let line: Int
    package let path: String
    package let role: Assignment.Role
    package let who: Slug
    package let phase: Label?
    package let subject: Label?
    package let condition: Label?
    package let wording: Label?
    /// The printed range where the block itself stands for less, as in exports.
    package let range: Label?
    package let from: LocalDate?
    package let until: LocalDate?
    /// Its own citations, otherwise those of its block.
    package let source: [Citation]
  }
}

extension PlanFile {
  package var clusters: [Cluster] { actionFields.flatMap(\.clusters) }
  package var taskFields: [TaskField] { clusters.flatMap(\.taskFields) }
  /// All measures, each followed by its parts.
  package var measures: [Measure] { taskFields.flatMap(\.allMeasures) }
}

extension PlanFile.TaskField {
  /// Its measures, each followed by its parts.
  package var allMeasures: [PlanFile.Measure] { measures.flatMap { [$0] + $0.parts } }

  /// The role entries that hold for a measure or part, in the order of the file, with their blocks.
  package func entries(for measure: PlanFile.Measure) -> [(block: PlanFile.Block, entry: PlanFile.RoleEntry)] {
    blocks(for: measure).flatMap { block in block.entries.map { (block, $0) } }
  }

  package func blocks(for measure: PlanFile.Measure) -> [PlanFile.Block] {
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
