public import EventSourcing

extension Role {
  /// The circle that a role belongs to.
  public var circle: Circle {
    switch self {
    case .coordinator, .auditor, .system: .internal
    case .lead, .contributor, .steering, .partner: .partners
    }
  }
}

/// Who looks at a plan: what may be known of it follows from here and from what each kind of event declares.
///
/// A plan for a viewer is one into which only what the viewer may know was ever folded. Every view of it, every count,
/// every sentence and every answer to an unknown id is then right by itself: what is hidden is not there.
public struct Viewer: Hashable, Sendable {
  public let circle: Circle
  /// The institutions, groups and placeholders that the viewer acts for, the measures that it leads, and the issues
  /// that were brought before it.
  public let own: Set<EntityID>

  private init(_ circle: Circle, own: Set<EntityID> = []) {
    self.circle = circle
    self.own = own
  }

  /// The office, auditors and the program itself: they see everything.
  public static let office = Viewer(.internal)
  /// All who take part, with nothing of their own.
  public static let participant = Viewer(.partners)
  /// Anybody.
  public static let anybody = Viewer(.public)

  /// An actor as the plan of today knows it.
  ///
  /// The rights of today count also for what was recorded before: whoever takes over a measure sees its history.
  /// Viewers that may know the same are equal, so that one plan serves them all.
  ///
  /// - Parameter plan: the whole plan.
  public init(_ actor: PlanActor, in plan: Plan, on today: LocalDate) {
    circle = actor.role.circle
    var own: Set<EntityID> = []
    if circle == .partners, let institution = actor.institution.flatMap({ plan.party($0) })?.id {
      own.formUnion(plan.parties.values.filter { plan.covers($0.id, institution, on: today) }.map(\.id.value))
      own.formUnion(plan.measures.values.filter { plan.leads(institution, $0.id, on: today) }.map(\.id.value))
    }
    if actor.role == .steering { own.formUnion(plan.issuesBeforeBodies.map(\.value)) }
    self.own = own
  }

  /// Whether the viewer sees also what is internal to some institutions and measures.
  func isConcerned(by ids: [EntityID]) -> Bool { circle == .internal || !own.isDisjoint(with: ids) }

  /// The circle that the viewer belongs to where a fact is concerned.
  func circle(of fact: some PlanFact, in plan: Plan, _ record: EventRecord) -> Circle {
    if own.isEmpty || fact.concerned(in: plan, record).allSatisfy({ !own.contains($0) }) { return circle }
    return .internal
  }
}

extension FactCatalogue {
  /// Who may see a field of an event: as it declares, and never public where it can be erased.
  public static func circle<Fact: PlanFact>(of field: FieldDescription, _ kind: Fact.Type) -> Circle {
    let widest = field.isDisclosable ? min(Circle.partners, Fact.circle) : Fact.circle
    return min(field.circle ?? widest, widest)
  }

  /// The fields that not all may see who see the event, by kind of fact; kinds without any are left out.
  static let restrictedFields: [ObjectIdentifier: [(name: String, circle: Circle)]] = {
    func fields<Fact: PlanFact>(_ kind: Fact.Type) -> [(name: String, circle: Circle)] {
      kind.record.fields.map { (name: $0.name, circle: circle(of: $0, kind)) }.filter { $0.circle < Fact.circle }
    }
    return Dictionary(uniqueKeysWithValues: byType.values.map { (ObjectIdentifier($0), fields($0)) })
      .filter { !$0.value.isEmpty }
  }()
}

extension Plan {
  /// A fact as the viewer of this plan knows it, before it is folded.
  /// - Returns: nil when the viewer must not know of it; else the fact without the fields that are withheld, and these.
  public func seen(_ fact: any PlanFact, _ record: EventRecord) -> (fact: any PlanFact, withheld: Set<String>)? {
    guard viewer.circle != .internal else { return (fact, []) }
    return seen(one: fact, record)
  }

  private func seen<Fact: PlanFact>(
    one fact: Fact, _ record: EventRecord
  ) -> (fact: any PlanFact, withheld: Set<String>)? {
    guard fact.isVisible(to: viewer, in: self, record) else { return nil }
    guard let restricted = FactCatalogue.restrictedFields[ObjectIdentifier(Fact.self)] else { return (fact, []) }
    let circle = viewer.circle(of: fact, in: self, record)
    let withheld = Set(restricted.filter { $0.circle < circle }.map(\.name))
    guard !withheld.isEmpty else { return (fact, []) }
    // A fact that cannot be told without what is withheld is not told.
    return Fact.record.withholding(withheld, from: fact).map { ($0, withheld) }
  }
}
