public import Coordination
public import EventSourcing

/// A view by its name, whatever it is made of.
public struct NamedView: Sendable {
  public let name: String
  public let version: Int
  /// What an answer says besides the moment that it is read at.
  public let members: @Sendable (Plan, LocalDate) -> [JSON.Member]
  /// What the digest of the view is made of, piece by piece.
  let pieces: @Sendable (Plan, LocalDate) -> [JSON]

  fileprivate init(
    _ name: String, _ version: Int, members: @escaping @Sendable (Plan, LocalDate) -> [JSON.Member],
    pieces: @escaping @Sendable (Plan, LocalDate) -> [JSON]
  ) {
    self.name = name
    self.version = version
    self.members = members
    self.pieces = pieces
  }

  /// A view that is one object.
  fileprivate init(_ name: String, _ version: Int, _ members: @escaping @Sendable (Plan, LocalDate) -> [JSON.Member]) {
    self.init(name, version, members: members) { plan, date in [.object(members(plan, date))] }
  }

  /// A view that is a list.
  fileprivate init(_ name: String, _ version: Int, items: @escaping @Sendable (Plan, LocalDate) -> [JSON]) {
    self.init(
      name, version, members: { plan, date in [.init(name, .array(items(plan, date)))] }, pieces: items)
  }

  fileprivate init<V: View>(_ view: V.Type) {
    self.init(V.name, V.version) { (plan, date) -> [JSON] in V.items(of: plan, validAt: date).map(\.json) }
  }
}

/// All views of a plan but the timeline, which is as long as the log and is made of its events one by one.
public enum ViewCatalogue {
  public static let all = [
    NamedView(PlanTree.name, PlanTree.version) { (plan, date) -> [JSON.Member] in
      PlanTree.json(of: plan, validAt: date).members ?? []
    },
    NamedView(MeasureBoard.self),
    NamedView(MeasureSheet.name, MeasureSheet.version) { (plan, date) -> [JSON] in
      MeasureSheet.all(of: plan, date)
    },
    NamedView(InstitutionList.self),
    NamedView(InstitutionCard.name, InstitutionCard.version) { (plan, date) -> [JSON] in
      InstitutionCard.all(of: plan, date)
    },
    NamedView(ResponsibilityMatrix.self), NamedView(GapRegister.self), NamedView(IssueRegister.self),
    NamedView(ExternalLinkBoard.self),
    NamedView(StakeholderNetwork.name, StakeholderNetwork.version) { (plan, date) -> [JSON.Member] in
      StakeholderNetwork(of: plan, validAt: date).members
    },
  ]
}
