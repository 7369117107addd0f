internal import Coordination
public import EventSourcing

extension StakeholderNetwork {
  /// What became different between two moments, which may differ in position, in date or in both.
  public struct Difference: Hashable, Sendable {
    public struct Changed<Value: Hashable & Sendable>: Hashable, Sendable {
      public let from: Value
      public let to: Value
    }

    /// The values of one sort that came, went, or are there in both networks but no longer the same.
    public struct Changes<Value: Hashable & Sendable>: Hashable, Sendable {
      public let added: [Value]
      public let removed: [Value]
      public let changed: [Changed<Value>]

      public var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }
    }

    public let from: Moment
    public let to: Moment
    /// A node has changed when it holds other roles, or when it became or ceased to be the only link between others;
    /// its betweenness and load also move when others change.
    public let nodes: Changes<Node>
    /// An edge has changed when other measures are shared, not when one of them is called otherwise.
    public let edges: Changes<Edge>
    /// A relation is there or not.
    public let relations: Changes<Relation>
  }

  public static func difference(from old: StakeholderNetwork, to new: StakeholderNetwork) -> Difference {
    Difference(
      from: old.moment, to: new.moment,
      nodes: changes(from: old.nodes, to: new.nodes, key: \.id) {
        $0.measures == $1.measures && $0.roles == $1.roles && $0.isArticulation == $1.isArticulation
      },
      edges: changes(from: old.edges, to: new.edges, key: { [$0.source, $0.target] }) { $0.shared == $1.shared },
      relations: changes(from: old.relations, to: new.relations, key: \.self) { _, _ in true })
  }

  private static func changes<Value: Hashable & Sendable, Key: Hashable>(
    from old: [Value], to new: [Value], key: (Value) -> Key, isSame: (Value, Value) -> Bool
  ) -> Difference.Changes<Value> {
    let before = Dictionary(old.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    let after = Set(new.map(key))
    return Difference.Changes(
      added: new.filter { before[key($0)] == nil },
      removed: old.filter { !after.contains(key($0)) },
      changed: new.compactMap { value in
        guard let known = before[key(value)], !isSame(known, value) else { return nil }
        return Difference.Changed(from: known, to: value)
      })
  }
}

extension StakeholderNetwork.Difference {
  public var json: JSON {
    [
      "from": .object(from.members), "to": .object(to.members), "nodes": Self.json(nodes, \.json),
      "edges": Self.json(edges, \.json),
      "relations": Self.json(relations, \.json),
    ]
  }

  private static func json<Value>(_ changes: Changes<Value>, _ json: (Value) -> JSON) -> JSON {
    [
      "added": .array(changes.added.map(json)), "removed": .array(changes.removed.map(json)),
      "changed": .array(changes.changed.map { ["from": json($0.from), "to": json($0.to)] }),
    ]
  }
}
