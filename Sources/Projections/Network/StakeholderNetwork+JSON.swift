internal import Coordination
package import EventSourcing

extension StakeholderNetwork {
  package var json: JSON { .object(moment.members + members) }

  /// The network without the moment, which every answer of a view names by itself.
  package var members: [JSON.Member] {
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
  package var json: JSON {
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
  package var json: JSON {
    [
      "source": .string(source.description), "target": .string(target.description), "weight": .count(weight),
      "measures": .array(measures.map { .string($0) }),
    ]
  }
}

extension StakeholderNetwork.Relation {
  package var json: JSON {
    ["kind": .string(kind.rawValue), "source": .string(source.description), "target": .string(target.description)]
  }
}
