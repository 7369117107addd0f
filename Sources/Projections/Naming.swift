import Coordination
import EventSourcing

/// How views name things: by slug or code, by the id where that is unknown.
extension Plan {
  func shownName(of party: PartyID) -> String { parties[party]?.slug ?? party.description }

  func shownSlug(of party: PartyID?) -> JSON { .optional(party.flatMap { parties[$0]?.slug }) }

  func shownName(of target: Link.Target) -> String {
    switch target {
    case .measure(let id): measures[id]?.code ?? id.description
    case .cluster(let id): cluster(id: id)?.slug ?? id.description
    case .strategy(let id): strategies.first { $0.id == id }?.slug ?? id.description
    case .externalAct(let label), .theme(let label): label
    }
  }

  /// The slug of the level that an issue stands at; the bottom of the ladder before it was taken up.
  func shownLevel(of issue: Issue) -> JSON { .optional(issue.level ?? currentVersion?.ladder.first?.slug.text) }
}

extension ExternalReference {
  var json: JSON { ["programme": .string(programme), "id": .string(externalID)] }
}
