public import EventSourcing

/// A system of another body that follows the plan by machine, or reports into it (Fachverfahren).
public struct PartnerSystem: Hashable, Sendable {
  public let id: EntityID
  public let slug: String
  public internal(set) var name: String
  /// Slugs of the programmes for which it may report (§28).
  public internal(set) var programmes: [String]
  /// What was issued before is no longer taken as proof that it is this system.
  public internal(set) var credentialsSince: Timestamp?
  public internal(set) var isSuspended = false

  public var subject: Subject { Subject("partners", id) }
}

/// A log of its own for one partner system, made of what its contract covers of the plan's log.
public struct PartnerFeed: Hashable, Sendable {
  public let id: EntityID
  public let slug: String
  public let partner: EntityID
  /// Whether it begins with the plan; otherwise with its own beginning.
  public let hasHistory: Bool
  /// The event with which it began.
  public let began: Position
  public internal(set) var agreements: [Agreement]
  public internal(set) var ended: Position?

  public var subject: Subject { Subject("feeds", id) }

  /// The name of its log within the plan.
  public var logName: String { Self.logName(slug) }

  public static func logName(_ slug: String) -> String { "feed-\(slug)" }

  /// What was agreed, and from which event on.
  public struct Agreement: Hashable, Sendable {
    public let since: Position
    public let contract: FeedContract
  }

  public var contract: FeedContract { agreements[agreements.count - 1].contract }

  /// What holds for an event: what came before the feed is judged by its first contract.
  public func contract(at position: Position) -> FeedContract? {
    if let ended, position > ended { return nil }
    guard hasHistory || position >= began else { return nil }
    return (agreements.last { $0.since <= position } ?? agreements[0]).contract
  }
}

/// Anything in the plan that a contract may name.
public enum FeedSubject {}

/// What a partner system may follow. An empty list leaves nothing out.
public struct FeedContract: RecordFieldValue, Hashable {
  /// The newest version of event types that there is; a feed never brings a partner a newer one than agreed.
  public static let versionNewest = FactCatalogue.byType.keys.map(\.version).max() ?? 1

  /// Types such as `measure.progress-reported`, or all of a kind: `measure.*`.
  public let types: [EventTypePattern]
  /// Measures, institutions and the like: events about them, or that mention them.
  public let subjects: [Identifier<FeedSubject>]
  /// Slugs of programmes: events about measures that are linked to one of them.
  public let programmes: [Slug]
  /// The narrowest circle of which it learns: partners, or public only.
  public let circle: FeedCircle
  /// Whether it also gets what can be erased, such as texts, beside the event.
  public let disclosures: Bool
  /// The highest version of event types that it understands; nil where it goes along with each new one.
  public let versionMax: Int?

  public static let record = Record(
    Self.init(types:subjects:programmes:circle:disclosures:versionMax:), Field("types", \.types),
    Field("subjects", \.subjects), Field("programmes", \.programmes), Field("circle", \.circle),
    Field("disclosures", \.disclosures), Field("versionMax", \.versionMax))

  /// Whether an event is part of what was agreed.
  /// - Parameter plan: as somebody of the contract's circle knows it, with the event in it.
  public func covers(_ fact: any PlanFact, _ record: EventRecord, in plan: Plan) -> Bool {
    let type = Swift.type(of: fact).type
    guard versionMax.map({ type.version <= $0 }) ?? true,
      types.isEmpty || types.contains(where: { $0.covers(type) })
    else { return false }
    let measure = plan.measure(concernedBy: record.subject)
    if !subjects.isEmpty {
      let mentioned = [record.subject.id] + [measure?.id.value].compactMap(\.self) + fact.identifiers
      guard subjects.contains(where: { mentioned.contains($0.value) }) else { return false }
    }
    guard !programmes.isEmpty else { return true }
    // Whoever follows what is carried over is told where it goes on, whether or not its links come along.
    let continued = (fact as? MeasureCarriedOver).flatMap { plan.measures[$0.predecessor] }
    let concerned = [measure, continued].compactMap(\.self)
    return programmes.contains { programme in
      concerned.contains { plan.isLinked($0, to: programme.text, on: record.effectiveDate) }
    }
  }
}

/// How far a feed sees.
public enum FeedCircle: String, ChoiceFieldValue {
  case partners
  case `public`

  public var viewer: Viewer { self == .partners ? .participant : .anybody }
}

/// A kind of event in a contract: `measure.progress-reported`, or `measure.*` for all about measures.
public struct EventTypePattern: TextFieldValue {
  public static let lengthMax = 80
  public static let pattern: String? = "^[a-z0-9]+(-[a-z0-9]+)*\\.(\\*|[a-z0-9]+(-[a-z0-9]+)*)$"
  public static let expectation = LocalizedText(
    de: "Erwartet wird eine Ereignisart wie measure.progress-reported oder measure.*.",
    en: "Expected a type of event, such as measure.progress-reported or measure.*.")

  public let text: String
  private let noun: Slug
  /// Nil for all about the noun.
  private let happening: Slug?

  public init?(normalized text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let noun = Slug(normalized: String(parts[0])) else { return nil }
    let happening = Slug(normalized: String(parts[1]))
    guard happening != nil || parts[1] == "*" else { return nil }
    self.text = text
    self.noun = noun
    self.happening = happening
  }

  func covers(_ type: String) -> Bool {
    let parts = type.split(separator: ".")
    guard parts.count == 5, parts[2] == noun.text else { return false }
    return happening.map { parts[3] == $0.text } ?? true
  }
}

extension String {
  /// The number at the end of an event type.
  fileprivate var version: Int { split(separator: ".").last.flatMap { Int($0.dropFirst()) } ?? .max }
}

extension Plan {
  /// The measure that something in the plan is about.
  fileprivate func measure(concernedBy subject: Subject) -> Measure? {
    measures[MeasureID(subject.id)] ?? issues[IssueID(subject.id)]?.measure.flatMap { measures[$0] }
  }

  /// Whether a measure, or the one that it is part of, belongs to a programme on a day. On the day on which a link ends
  /// it still does, so that the end itself is told.
  fileprivate func isLinked(_ measure: Measure, to programme: String, on date: LocalDate) -> Bool {
    func isTold(from start: LocalDate, until end: LocalDate?) -> Bool {
      start <= date && end.map { date <= $0 } ?? true
    }
    let isExternal = measure.externals.contains {
      $0.programme == programme && isTold(from: $0.from, until: $0.until)
    }
    if isExternal { return true }
    let strategy = strategies.first { $0.slug == programme }?.id
    let isLinked = links.contains { link in
      link.measure == measure.id && link.kind == .strategy && link.target == strategy.map { .strategy($0) }
        && isTold(from: link.from, until: link.until)
    }
    if isLinked { return true }
    guard let parent = measure.parent.flatMap({ measures[$0] }) else { return false }
    return self.isLinked(parent, to: programme, on: date)
  }

  public func partner(_ slug: String) -> PartnerSystem? { partners.first { $0.slug == slug } }

  public func feed(_ slug: String) -> PartnerFeed? { feeds.first { $0.slug == slug } }

  func requirePartner(_ slug: Slug, field: String) throws(Refusal) -> PartnerSystem {
    guard let partner = partner(slug.text) else {
      throw .unknown("partner", slug.text, field: field, de: "Fachverfahren", en: "partner system")
    }
    return partner
  }

  func requireFeed(_ slug: Slug) throws(Refusal) -> PartnerFeed {
    guard let feed = feed(slug.text) else {
      throw .unknown("feed", slug.text, field: "feed", de: "Abo", en: "feed")
    }
    try ensure(
      feed.ended == nil,
      Refusal(.conflict, "feed-ended", field: "feed", de: "Das Abo ist beendet.", en: "The feed has ended."))
    return feed
  }

  func requireProgrammes(_ programmes: [Slug]) throws(Refusal) {
    for (index, programme) in programmes.enumerated() {
      _ = try requireStrategy(programme, field: "programmes[\(index)]")
    }
  }
}
