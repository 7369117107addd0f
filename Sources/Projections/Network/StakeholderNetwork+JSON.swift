internal import Coordination
public import EventSourcing

extension StakeholderNetwork {
  public var json: JSON { .object(moment.members + members) }

  /// The network without the moment, which every answer of a view names by itself.
  public var members: [JSON.Member] {
    [
      .init("nodes", .array(nodes.map(\.json))), .init("edges", .array(edges.map(\.json))),
      .init("relations", .array(relations.map(\.json))),
      .init("isolated", .array(nodes.filter(\.isIsolated).map { .string($0.slug) })),
    ]
  }
}

extension StakeholderNetwork.Moment {
  var members: [JSON.Member] {
    .moment(position: position, validAt: validAt, isSimulated: isSimulated)
  }
}

extension StakeholderNetwork.Node {
  public var json: JSON {
    [
      "id": .string(id.description), "slug": .string(slug), "name": .string(name), "kind": .string(kind),
      "measures": .count(measures), "lead": .count(count(of: .lead)), "leadPartner": .count(count(of: .leadPartner)),
      "contributor": .count(count(of: .contributor)), "consulted": .count(count(of: .consulted)),
      "unclear": .count(count(of: .unclear)),
      "load": .decimal(load), "betweenness": .decimal(betweenness), "articulation": .bool(isArticulation),
    ]
  }
}

extension StakeholderNetwork.Edge {
  public var json: JSON {
    [
      "source": .string(source.description), "target": .string(target.description), "weight": .count(weight),
      "measures": .array(measures.map { .string($0) }),
    ]
  }
}

extension StakeholderNetwork.Relation {
  public var json: JSON {
    ["kind": .string(kind.rawValue), "source": .string(source.description), "target": .string(target.description)]
  }
}
