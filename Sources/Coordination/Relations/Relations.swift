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
  /// Where the measure stood before, as far as that was known when it was linked; there it stands again when the link
  /// ends.
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

  /// The measure that an id of another programme names on a day; as long as it names none, the one that it will name
  /// next.
  func measure(linkedAs key: String, on date: LocalDate) -> Measure? {
    let spans = spans(ofExternalID: key)
    let next = spans.filter { date < $0.days.lowerBound }.min { $0.days.lowerBound < $1.days.lowerBound }
    return (spans.last { $0.days.contains(date) } ?? next)?.measure
  }

  /// The measures that an id of another programme names at some time, and on which days: from the link on, or from the
  /// beginning of what continues a linked measure, to the end of the link, or to the beginning of what continues it.
  func spans(ofExternalID key: String) -> [(measure: Measure, days: Range<LocalDate>)] {
    var spans: [(measure: Measure, days: Range<LocalDate>)] = []
    for measure in (measuresByExternalID[key] ?? []).compactMap({ measures[$0] }) {
      let next = measure.successor.flatMap { subjects[$0.value]?.start }
      for external in measure.externals where external.key == key {
        let start = max(external.from, subjects[measure.id.value]?.start ?? external.from)
        let end = [external.until, next].compactMap(\.self).min() ?? LocalDate(daysSinceEpoch: .max)
        if start < end { spans.append((measure, start..<end)) }
      }
    }
    return spans
  }

  /// Notes with an id of another programme that the measure is one of those that it names at some time.
  mutating func giveExternalID(_ key: String, to id: MeasureID) {
    let holders = measuresByExternalID[key] ?? []
    if !holders.contains(id) { measuresByExternalID[key] = holders + [id] }
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
