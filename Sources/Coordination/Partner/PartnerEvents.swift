package import EventSourcing

// Who follows a plan by machine, and what they get of it, is known to all who take part.

package struct PartnerRegistered: PlanFact {
  package static let type = "org.federwerk.partner.registered.v1"
  package static let circle = Circle.partners
  package static let record = Record(
    Self.init(slug:name:programmes:), Field("slug", \.slug), Field("name", \.name),
    Field("programmes", \.programmes))

  package let slug: Slug
  package let name: Label
  package let programmes: [Slug]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.partners.append(
      PartnerSystem(
        id: record.subject.id, slug: slug.text, name: name.text, programmes: programmes.map(\.text)))
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "\(name) ist als Fachverfahren \(slug) angelegt.", en: "\(name) is registered as the partner system \(slug).")
  }
}

package struct CredentialRotated: PlanFact {
  package static let type = "org.federwerk.partner.credential-rotated.v1"
  package static let circle = Circle.partners
  package static let record = Record(Self.init(reason:), Field("reason", \.reason))

  package let reason: Disclosable

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(partner: record.subject.id) { $0.credentialsSince = record.recordedAt }
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(
      de: "Der bisherige Zugang von \(name) gilt nicht mehr.", en: "The credentials of \(name) until now are void.")
  }
}

package struct PartnerSuspended: PlanFact {
  package static let type = "org.federwerk.partner.suspended.v1"
  package static let circle = Circle.partners
  package static let record = Record(Self.init(reason:), Field("reason", \.reason))

  package let reason: Disclosable

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(partner: record.subject.id) { $0.isSuspended = true }
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(de: "\(name) ist gesperrt.", en: "\(name) is suspended.")
  }
}

package struct PartnerReinstated: PlanFact {
  package static let type = "org.federwerk.partner.reinstated.v1"
  package static let circle = Circle.partners
  package static let record = Record(Self.init(reason:), Field("reason", \.reason))

  package let reason: Disclosable

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(partner: record.subject.id) { $0.isSuspended = false }
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(de: "\(name) ist wieder zugelassen.", en: "\(name) is reinstated.")
  }
}

package struct FeedSubscribed: PlanFact {
  package static let type = "org.federwerk.feed.subscribed.v1"
  package static let circle = Circle.partners
  package static let record = Record(
    Self.init(slug:partner:history:contract:), Field("slug", \.slug), Field("partner", \.partner),
    Field("history", \.history), Field("contract", \.contract))

  package let slug: Slug
  package let partner: Identifier<PartnerSystem>
  package let history: Bool
  package let contract: FeedContract

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.feeds.append(
      PartnerFeed(
        id: record.subject.id, slug: slug.text, partner: partner.value, hasHistory: history, began: record.position,
        agreements: [.init(since: record.position, contract: contract)]))
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: partner, record)
    return LocalizedText(
      de: "\(name) liest mit, was das Abo \(slug) umfasst.", en: "\(name) follows what the feed \(slug) covers.")
  }
}

package struct FeedContractChanged: PlanFact {
  package static let type = "org.federwerk.feed.contract-changed.v1"
  package static let circle = Circle.partners
  package static let record = Record(Self.init(contract:), Field("contract", \.contract))

  package let contract: FeedContract

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(feed: record.subject.id) { $0.agreements.append(.init(since: record.position, contract: contract)) }
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(
      de: "Das Abo \(name) umfasst von nun an anderes.", en: "The feed \(name) covers something else from now on.")
  }
}

package struct FeedEnded: PlanFact {
  package static let type = "org.federwerk.feed.ended.v1"
  package static let circle = Circle.partners
  package static let record = Record(Self.init(reason:), Field("reason", \.reason))

  package let reason: Disclosable

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(feed: record.subject.id) { $0.ended = record.position }
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(de: "Das Abo \(name) endet.", en: "The feed \(name) ends.")
  }
}

extension Plan {
  fileprivate mutating func change(partner id: EntityID, _ body: (inout PartnerSystem) -> Void) {
    guard let index = partners.firstIndex(where: { $0.id == id }) else { return }
    body(&partners[index])
  }

  fileprivate mutating func change(feed id: EntityID, _ body: (inout PartnerFeed) -> Void) {
    guard let index = feeds.firstIndex(where: { $0.id == id }) else { return }
    body(&feeds[index])
  }
}
