public import EventSourcing

// Who follows a plan by machine, and what they get of it, is known to all who take part.

public struct PartnerRegistered: PlanFact {
  public static let type = "org.federwerk.partner.registered.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(slug:name:programmes:), Field("slug", \.slug), Field("name", \.name),
    Field("programmes", \.programmes))

  public let slug: Slug
  public let name: Label
  public let programmes: [Slug]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.partners.append(
      PartnerSystem(
        id: record.subject.id, slug: slug.text, name: name.text, programmes: programmes.map(\.text)))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "\(name) ist als Fachverfahren \(slug) angelegt.", en: "\(name) is registered as the partner system \(slug).")
  }
}

public struct CredentialRotated: PlanFact {
  public static let type = "org.federwerk.partner.credential-rotated.v1"
  public static let circle = Circle.partners
  public static let record = Record(Self.init(reason:), Field("reason", \.reason))

  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(partner: record.subject.id) { $0.credentialsSince = record.recordedAt }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(
      de: "Der bisherige Zugang von \(name) gilt nicht mehr.", en: "The credentials of \(name) until now are void.")
  }
}

public struct PartnerSuspended: PlanFact {
  public static let type = "org.federwerk.partner.suspended.v1"
  public static let circle = Circle.partners
  public static let record = Record(Self.init(reason:), Field("reason", \.reason))

  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(partner: record.subject.id) { $0.isSuspended = true }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(de: "\(name) ist gesperrt.", en: "\(name) is suspended.")
  }
}

public struct PartnerReinstated: PlanFact {
  public static let type = "org.federwerk.partner.reinstated.v1"
  public static let circle = Circle.partners
  public static let record = Record(Self.init(reason:), Field("reason", \.reason))

  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(partner: record.subject.id) { $0.isSuspended = false }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(de: "\(name) ist wieder zugelassen.", en: "\(name) is reinstated.")
  }
}

public struct FeedSubscribed: PlanFact {
  public static let type = "org.federwerk.feed.subscribed.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(slug:partner:history:contract:), Field("slug", \.slug), Field("partner", \.partner),
    Field("history", \.history), Field("contract", \.contract))

  public let slug: Slug
  public let partner: Identifier<PartnerSystem>
  public let history: Bool
  public let contract: FeedContract

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.feeds.append(
      PartnerFeed(
        id: record.subject.id, slug: slug.text, partner: partner.value, hasHistory: history, began: record.position,
        agreements: [.init(since: record.position, contract: contract)]))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: partner, record)
    return LocalizedText(
      de: "\(name) liest mit, was das Abo \(slug) umfasst.", en: "\(name) follows what the feed \(slug) covers.")
  }
}

public struct FeedContractChanged: PlanFact {
  public static let type = "org.federwerk.feed.contract-changed.v1"
  public static let circle = Circle.partners
  public static let record = Record(Self.init(contract:), Field("contract", \.contract))

  public let contract: FeedContract

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(feed: record.subject.id) { $0.agreements.append(.init(since: record.position, contract: contract)) }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(
      de: "Das Abo \(name) umfasst von nun an anderes.", en: "The feed \(name) covers something else from now on.")
  }
}

public struct FeedEnded: PlanFact {
  public static let type = "org.federwerk.feed.ended.v1"
  public static let circle = Circle.partners
  public static let record = Record(Self.init(reason:), Field("reason", \.reason))

  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(feed: record.subject.id) { $0.ended = record.position }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
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
