public import Coordination
public import EventSourcing

/// Who works with whom on a day: the parties of a plan, tied by the measures that they share.
///
/// Like every view a pure function of the folded plan and the date. A sub-measure counts as a measure of its own.
/// Whoever is dissolved by the day ties nobody any more, and neither does a measure that is discontinued or gave way to
/// another.
public struct StakeholderNetwork: Hashable, Sendable {
  public static let name = "network"
  /// Raised whenever the same plan would be shown differently; part of the ETag.
  public static let version = 3

  /// A party that has a role in a measure or is related to another party.
  public struct Node: Hashable, Sendable {
    public let id: PartyID
    public let slug: String
    /// The short name where there is one.
    public let label: String
    public let name: String
    public let kind: String
    /// In how many measures it has a role of any kind, also one that is still unclear.
    public let measures: Int
    /// In how many measures it has each role.
    public let roles: [Assignment.Role: Int]
    /// Its measures as a part of all measures of the plan.
    public let load: Millionths
    /// How often it lies on the shortest ways between others (see `UndirectedGraph.betweenness`).
    public let betweenness: Millionths
    /// Whether others lose touch with each other when it goes.
    public let isArticulation: Bool
    /// Whether it shares no measure with anybody.
    public let isIsolated: Bool

    public func count(of role: Assignment.Role) -> Int { roles[role] ?? 0 }
  }

  /// Two parties that share measures; the source is the one whose slug comes first.
  public struct Edge: Hashable, Sendable {
    public static let kind = "shares-measures"

    public let source: PartyID
    public let target: PartyID
    /// The codes of the measures that they share, sorted.
    public let measures: [String]
    /// The same measures by what they stay, however they are called and whichever version they are of.
    let shared: Set<MeasureID>

    public var weight: Int { measures.count }
  }

  /// What one party is to another by declaration, from the smaller to the larger: a member to its group.
  public struct Relation: Hashable, Sendable {
    public enum Kind: String, Sendable {
      case memberOf = "member-of"
      case unitOf = "unit-of"
      case hostedBy = "hosted-by"
      case chairedBy = "chaired-by"
    }

    public let kind: Kind
    public let source: PartyID
    public let target: PartyID
  }

  /// What the network shows: how far the log was read, and the day.
  public struct Moment: Hashable, Sendable {
    /// The last event that the network knows of, nil for an empty plan.
    public let position: Position?
    public let validAt: LocalDate
    /// Whether what is shown was made up by a simulation.
    public let isSimulated: Bool
  }

  public let planTitle: String
  public let moment: Moment
  /// By slug.
  public let nodes: [Node]
  /// By the slugs of source and target.
  public let edges: [Edge]
  /// By the slugs of source and target.
  public let relations: [Relation]

  public init(of plan: Plan, validAt date: LocalDate) {
    let existing = plan.parties.values.filter { $0.exists(on: date) }
    let known = Set(existing.map(\.id))
    let measures = plan.measures.values.filter { plan.counts($0, on: date) }
      .map { Involvement(in: $0, since: plan.predecessors(of: $0).last ?? $0, of: known, on: date) }.sorted {
        $0.code < $1.code
      }
    let relations = Self.relations(among: existing, validAt: date)
    let involved = Set(measures.flatMap(\.roles.keys) + relations.flatMap { [$0.source, $0.target] })
    let parties = involved.compactMap { plan.parties[$0] }.sorted { $0.slug < $1.slug }
    let numbers = Dictionary(uniqueKeysWithValues: parties.enumerated().map { ($1.id, $0) })

    var roles = [[Assignment.Role: Int]](repeating: [:], count: parties.count)
    var measureCounts = [Int](repeating: 0, count: parties.count)
    var measuresByPair: [Pair: [Involvement]] = [:]
    for measure in measures {
      let holders = measure.roles.compactMap { holder, roles in numbers[holder].map { ($0, roles) } }
        .sorted { $0.0 < $1.0 }
      for (offset, (number, ownRoles)) in holders.enumerated() {
        measureCounts[number] += 1
        for role in ownRoles { roles[number][role, default: 0] += 1 }
        for (other, _) in holders[(offset + 1)...] {
          measuresByPair[Pair(number, other), default: []].append(measure)
        }
      }
    }
    let pairs = measuresByPair.sorted { $0.key < $1.key }

    let graph = UndirectedGraph(vertexCount: parties.count, edges: pairs.map { ($0.key.source, $0.key.target) })
    let betweenness = graph.betweenness()
    let articulationPoints = Set(graph.articulationPoints())
    planTitle = plan.title(on: date)
    moment = Moment(position: plan.size.lastPosition, validAt: date, isSimulated: plan.isSimulated)
    nodes = parties.enumerated().map { number, party in
      Node(
        id: party.id, slug: party.slug, label: party.short(at: date) ?? party.name(at: date),
        name: party.name(at: date),
        kind: party.kind, measures: measureCounts[number], roles: roles[number],
        load: Millionths(rounding: Double(measureCounts[number]) / Double(max(1, measures.count))),
        betweenness: Millionths(rounding: betweenness[number]), isArticulation: articulationPoints.contains(number),
        isIsolated: graph.degree(of: number) == 0)
    }
    edges = pairs.map { pair, shared in
      Edge(
        source: parties[pair.source].id, target: parties[pair.target].id, measures: shared.map(\.code),
        shared: Set(shared.map(\.id)))
    }
    self.relations = relations.sorted { left, right in
      (numbers[left.source] ?? 0, numbers[left.target] ?? 0, left.kind.rawValue)
        < (numbers[right.source] ?? 0, numbers[right.target] ?? 0, right.kind.rawValue)
    }
  }

  /// Two parties by their numbers, the smaller first.
  private struct Pair: Hashable, Comparable {
    let source: Int
    let target: Int

    init(_ source: Int, _ target: Int) {
      self.source = source
      self.target = target
    }

    static func < (left: Pair, right: Pair) -> Bool { (left.source, left.target) < (right.source, right.target) }
  }

  /// Who takes part in one measure, and how; several phases or subjects of one role count once.
  private struct Involvement {
    /// That of the first measure which it continues.
    let id: MeasureID
    let code: String
    let roles: [PartyID: Set<Assignment.Role>]

    init(in measure: Measure, since first: Measure, of known: Set<PartyID>, on date: LocalDate) {
      id = first.id
      code = measure.code(on: date)
      roles = measure.assignments.filter { known.contains($0.holder) && $0.counts(on: date) }
        .reduce(into: [:]) { $0[$1.holder, default: []].insert($1.role(on: date)) }
    }
  }

  /// What is declared of parties that exist on the day, and holds then.
  private static func relations(among existing: [Party], validAt date: LocalDate) -> Set<Relation> {
    let known = Set(existing.map(\.id))
    var relations: Set<Relation> = []
    for party in existing {
      for membership in party.memberships where membership.holds(on: date) {
        relations.insert(Relation(kind: .memberOf, source: membership.member, target: party.id))
      }
      if let whole = party.unitOf(on: date) {
        relations.insert(Relation(kind: .unitOf, source: party.id, target: whole))
      }
      if let host = party.hostedBy(on: date) {
        relations.insert(Relation(kind: .hostedBy, source: party.id, target: host))
      }
      if let chair = party.chair(on: date) {
        relations.insert(Relation(kind: .chairedBy, source: party.id, target: chair.by))
      }
    }
    return relations.filter { known.contains($0.source) && known.contains($0.target) }
  }
}
