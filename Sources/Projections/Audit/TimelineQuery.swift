public import Coordination
public import EventSourcing

/// Which entries of the timeline somebody wants, and in which order.
public struct TimelineQuery: Hashable, Sendable {
  /// A place in the log by number or by recorded time. A caller who has a day makes it a time: only the caller knows
  /// the time zone.
  public enum Bound: Hashable, Sendable {
    case position(Position)
    case recordedAt(Timestamp)
  }

  public static let limitDefault = 100

  public var subject: EntityID?
  public var actor: ActorID?
  /// Touched as holder, as the one on whose behalf it was recorded, or as subject.
  public var institution: EntityID?
  /// The whole event type.
  public var type: String?
  /// The first entry wanted; itself included.
  public var from: Bound?
  /// The last entry wanted; itself included.
  public var to: Bound?
  public var isNewestFirst = false
  /// The entry that the page before ended with; itself excluded.
  public var cursor: Position?
  public var limit = limitDefault

  public init() {}

  /// Whether an entry is wanted, on whatever page.
  public func matches(_ entry: TimelineEntry) -> Bool {
    if let subject, entry.subject.id != subject { return false }
    if let actor, entry.actor != actor { return false }
    if let institution, !entry.institutions.contains(institution) { return false }
    if let type, entry.type != type { return false }
    switch from {
    case .position(let position)?: if entry.position < position { return false }
    case .recordedAt(let time)?: if entry.recordedAt < time { return false }
    case nil: break
    }
    switch to {
    case .position(let position)?: if entry.position > position { return false }
    case .recordedAt(let time)?: if entry.recordedAt > time { return false }
    case nil: break
    }
    return true
  }

  /// The page of a timeline that is given oldest first.
  ///
  /// This is what a stored timeline must answer too; `next` is the cursor of the page after, nil at the end.
  public func page(of timeline: some Sequence<TimelineEntry>) -> (entries: [TimelineEntry], next: Position?) {
    var page = Page(of: self)
    for entry in timeline { guard page.take(entry) else { break } }
    return page.content
  }

  /// The page of a timeline that comes an entry at a time, oldest first. It never holds more than twice the entries
  /// that it ends with, however long the timeline is.
  public struct Page {
    private let query: TimelineQuery
    private var found: [TimelineEntry] = []

    public init(of query: TimelineQuery) { self.query = query }

    /// Looks at the next entry.
    /// - Returns: whether there is any use in going on.
    public mutating func take(_ entry: TimelineEntry) -> Bool {
      if let cursor = query.cursor {
        if query.isNewestFirst, entry.position >= cursor { return false }
        if !query.isNewestFirst, entry.position <= cursor { return true }
      }
      guard query.matches(entry) else { return true }
      found.append(entry)
      // One more than wanted, to know whether there is a page after.
      guard query.isNewestFirst else { return found.count <= query.limit }
      if found.count > 2 * (query.limit + 1) { found.removeFirst(found.count - query.limit - 1) }
      return true
    }

    public var content: (entries: [TimelineEntry], next: Position?) {
      let inOrder = query.isNewestFirst ? found.reversed() : found
      let entries = Array(inOrder.prefix(query.limit))
      return (entries, found.count > query.limit ? entries.last?.position : nil)
    }
  }
}

extension Plan {
  /// The id behind a subject as events name it (`measures/<id>`), a bare id, a measure's code on a day or an
  /// institution's slug.
  public func timelineSubject(_ text: String, on date: LocalDate) -> EntityID? {
    if let subject = Subject(text) { return subject.id }
    if let id = EntityID(text) { return id }
    return measure(text, on: date)?.id.value ?? party(text)?.id.value
  }
}
