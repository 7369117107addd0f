public import Coordination
public import EventSourcing
public import Projections

/// The audit timeline as a viewer may know it, folded from the log at each call: for viewers and logs without stored
/// rows. It takes as long as the log is.
public struct FoldedTimeline: TimelineSource {
  private let store: any EventLog
  private let viewer: Viewer
  private let pageSize: Int

  public init(store: any EventLog, for viewer: Viewer = .office, pageSize: Int = 1_000) {
    self.store = store
    self.viewer = viewer
    self.pageSize = pageSize
  }

  public func page(
    of plan: EntityID, through last: Position, matching query: TimelineQuery
  ) async throws -> TimelinePage? {
    var page = TimelineQuery.Page(of: query)
    try await forEachPage(of: plan, through: last) { entries in entries.allSatisfy { page.take($0) } }
    let (entries, next) = page.content
    return TimelinePage(entries: entries.map(\.json), next: next)
  }

  /// Lends the entries up to a position, oldest first, a page of the log at a time, until the body wants no more.
  public func forEachPage(
    of plan: EntityID, through last: Position, _ body: ([TimelineEntry]) async throws -> Bool
  ) async throws {
    var folded = Plan(id: plan, for: viewer)
    try await store.forEachPage(
      of: LogID(plan: plan), from: Position(0), through: last, pageSize: pageSize,
      reading: PreparedEvent.init, failing: { $0 as any Error }
    ) { page in
      var entries: [TimelineEntry] = []
      for event in page {
        let read = try event.available(in: folded)
        if let entry = AuditTimeline.apply(read.fact, read.envelope, to: &folded) { entries.append(entry) }
      }
      return try await body(entries)
    }
  }
}
