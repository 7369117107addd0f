public import EventSourcing

/// A strategy or programme that the plan refers to.
public struct Strategy: Hashable, Sendable {
  public let id: EntityID
  public let slug: String
  public let title: String
  public let source: [Citation]
}

/// A relation between items of the plan, or from an item to something outside it.
public struct Link: Hashable, Sendable {
  public enum Target: Hashable, Sendable {
    case measure(MeasureID)
    case cluster(EntityID)
    case strategy(EntityID)
    /// An act outside the plan that has no owner in it.
    case externalAct(String)
    /// A theme that is not one of the plan's clusters.
    case theme(String)
  }

  public enum Kind: String, Sendable {
    /// Symmetric: it is read from both ends (§29).
    case seeAlso = "see-also"
    case dependsOn = "depends-on"
    case strategy
    /// A theme that concerns the whole plan (Querschnittsthema).
    case crossCutting = "cross-cutting"
  }

  public let id: EntityID
  public let kind: Kind
  /// The measure that the link starts at; nil for a link of the whole plan.
  public let measure: MeasureID?
  public let target: Target
  public let from: LocalDate
  /// First day on which it no longer holds.
  public internal(set) var until: LocalDate?
  /// The event that declared it, and the one that ended it.
  public internal(set) var events: [Position]
  public let source: [Citation]

  init(
    _ kind: Kind, _ id: Identifier<Link>, from measure: MeasureID?, to target: Target, _ source: [Citation],
    _ record: EventRecord
  ) {
    self.id = id.value
    self.kind = kind
    self.measure = measure
    self.target = target
    self.source = source
    from = record.effectiveDate
    events = [record.position]
  }

  public func holds(on date: LocalDate) -> Bool { from <= date && isOpen(after: date) }

  /// Whether it has not ended by a day; it may begin later.
  func isOpen(after date: LocalDate) -> Bool { until.map { date < $0 } ?? true }

  /// Where the link leads, seen from a measure; nil when it cannot be read from there.
  public func otherEnd(from measure: MeasureID) -> Target? {
    if self.measure == measure { return target }
    guard kind == .seeAlso, target == .measure(measure) else { return nil }
    return self.measure.map { .measure($0) }
  }
}

/// The id that another programme gives a measure, and what that programme said of it (§28).
public struct ExternalReference: Hashable, Sendable {
  public let programme: String
  public let externalID: String
  /// Where the measure stood before; there it stands again when the link ends.
  public let stateBefore: Measure.State
  public let from: LocalDate
  /// First day on which it no longer holds.
  public internal(set) var until: LocalDate?
  /// The event that linked it, and the one that ended that.
  public internal(set) var events: [Position]
  /// By the date of the source system, so that an older status is kept and never becomes the current one.
  public internal(set) var statuses = Timeline<ExternalStatus>()
  /// Everything that was ever received, by the source's own id.
  public internal(set) var received: [String: ExternalStatus] = [:]

  public var status: ExternalStatus? { statuses.last }

  public func holds(on date: LocalDate) -> Bool { from <= date && isOpen(on: date) }

  /// Whether anything of it lies on or after a day.
  func isOpen(on date: LocalDate) -> Bool { until.map { date < $0 } ?? true }

  var key: String { Self.key(programme, externalID) }

  static func key(_ programme: String, _ externalID: String) -> String { "\(programme)/\(externalID)" }
}

/// What another programme says of a measure, in its own words.
public struct ExternalStatus: Hashable, Sendable {
  /// The source system's own id of it.
  public let id: String
  public let status: String
  public let percent: Int?
  public let date: LocalDate
}

extension Plan {
  /// The links that are read from a measure on a day: its own, and the cross-references of others to it (§29).
  public func links(readFrom measure: MeasureID, on date: LocalDate) -> [Link] {
    links.filter { $0.holds(on: date) && $0.otherEnd(from: measure) != nil }
  }

  /// Ends a link; one that is not known stays unknown.
  mutating func endLink(_ id: Identifier<Link>, _ record: EventRecord) {
    guard let index = links.lastIndex(where: { $0.id == id.value && $0.until == nil }) else { return }
    links[index].until = record.effectiveDate
    links[index].events.append(record.position)
  }

  /// The open link of an id.
  func requireLink(_ id: Identifier<Link>, on date: LocalDate) throws(Refusal) -> Link {
    guard let link = links.last(where: { $0.id == id.value }) else {
      throw .unknown("link", id.description, field: "link", de: "Verweis", en: "link")
    }
    try ensure(link.until == nil, .linkEnded(field: "link"))
    try ensure(date >= link.from, .endBeforeStart(link.from, field: "effectiveDate"))
    return link
  }

  /// What a link is of: its measure, or the plan.
  func subject(of link: Link) -> Subject { link.measure.flatMap { measures[$0]?.subject } ?? subject }

  /// The target of a link by its id, as it is called on the day of an event.
  func target(of link: Identifier<Link>, _ record: EventRecord) -> String {
    links.last { $0.id == link.value }.map { name(of: $0.target, on: record.effectiveDate) } ?? link.description
  }
}

extension Refusal {
  static func linkEnded(field: String) -> Refusal {
    Refusal(
      .conflict, "already-ended", field: field, de: "Dieser Verweis ist schon beendet.",
      en: "This link has already ended.")
  }
}
