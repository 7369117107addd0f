public import Coordination
public import EventSourcing

/// At which moment of recorded time a plan is read.
public enum ReadMoment: Hashable, Sendable {
  case now
  /// The events up to and including this position.
  case position(Position)
  /// The events recorded up to and including this time.
  case asOf(Timestamp)
}

extension PlanService {
  /// What an actor may know today.
  public func viewer(for actor: PlanActor, of id: EntityID) async throws(Unavailability) -> Viewer {
    let current = try await snapshot(of: id)
    return knownViews.viewer(for: actor, of: current, on: current.plan.today(at: try await now()))
  }

  /// The plan at a moment, as far as a viewer may know of it: now from memory, at any other moment by folding the log
  /// up to it with the same fold, from the nearest moment before it that is kept.
  ///
  /// - Returns: nil when the position is not in the log.
  public func plan(
    _ id: EntityID, at moment: ReadMoment, for viewer: Viewer = .office, positionMin: Position? = nil
  ) async throws(Unavailability) -> Plan? {
    let current = try await snapshot(of: id, positionMin: positionMin)
    switch moment {
    case .now: return try await narrowed(current, for: viewer)
    case .position(let position):
      guard position < current.plan.size.nextPosition else { return nil }
      if position == current.plan.size.lastPosition { return try await narrowed(current, for: viewer) }
      let key = PastPlans.Key(plan: id, epoch: current.head.epoch, viewer: viewer)
      let start = pastPlans.plan(for: key, sizeMax: position.sizeIncluding)
      return try await fold(start ?? Plan(id: id, for: viewer), key, through: position)
    case .asOf(let time):
      if let last = current.plan.lastRecordedAt, last <= time { return try await narrowed(current, for: viewer) }
      let key = PastPlans.Key(plan: id, epoch: current.head.epoch, viewer: viewer)
      let start = pastPlans.plan(for: key, sizeMax: current.plan.size, asOf: time)
      return try await fold(start ?? Plan(id: id, for: viewer), key, through: current.plan.size.lastPosition) {
        $0.recordedAt.map { $0 <= time } ?? true
      }
    }
  }

  /// The plan as it was at a position, and what the events of one source alone have made of it since. What one of them
  /// says of something that another source brought changes nothing.
  ///
  /// - Returns: nil when the position is not in the log.
  public func plan(
    _ id: EntityID, at position: Position, followedBy source: RecordedSource
  ) async throws(Unavailability) -> Plan? {
    guard let start = try await plan(id, at: .position(position)) else { return nil }
    // What an event of that source repeats of the plan is known from all the others.
    var (whole, folded) = (start, start)
    let last = try await snapshot(of: id).plan.size.lastPosition
    try await store.forEachPage(
      of: LogID(plan: id), from: start.size.nextPosition, through: last, pageSize: configuration.replayPageSize,
      reading: PreparedEvent.init, failing: { Unavailability($0) }
    ) { page throws(Unavailability) in
      for event in page {
        let read = try event.available(in: whole)
        let record = EventRecord(read.envelope)
        if record.recordedSource == source {
          folded.apply(read.fact.rebased(from: whole, onto: folded, record), record)
        } else {
          folded.pass(over: record)
        }
        whole.apply(read.fact, record)
      }
      return true
    }
    return folded
  }

  /// What became of a plan between two moments, as far as a viewer may know of it.
  public struct Passage: Sendable {
    public let before: Plan
    public let after: Plan
    /// The events in between that the viewer may know of, by what they are about, in order.
    public let events: [EntityID: [Position]]
  }

  /// - Returns: nil when a position is not in the log, or the later moment comes first.
  public func passage(
    of id: EntityID, from: ReadMoment, to: ReadMoment, for viewer: Viewer
  ) async throws(Unavailability) -> Passage? {
    guard let before = try await plan(id, at: from, for: viewer), let after = try await plan(id, at: to, for: viewer),
      before.size <= after.size
    else { return nil }
    guard before.size < after.size else { return Passage(before: before, after: after, events: [:]) }
    let current = try await snapshot(of: id)
    let key = PastPlans.Key(plan: id, epoch: current.head.epoch, viewer: viewer)
    var events: [EntityID: [Position]] = [:]
    _ = try await fold(
      before, key, through: after.size.lastPosition,
      onFact: { record in
        events[record.subject.id, default: []].append(record.position)
      })
    return Passage(before: before, after: after, events: events)
  }

  /// The plan that readers see, for one of them: folded on from where it was when somebody with the same rights asked.
  private func narrowed(_ current: PlanSnapshot, for viewer: Viewer) async throws(Unavailability) -> Plan {
    if viewer == .office { return current.plan }
    let size = current.plan.size
    let known = knownViews.plan(for: viewer, of: current)
    if let known, known.size == size { return known }
    let key = PastPlans.Key(plan: current.plan.id, epoch: current.head.epoch, viewer: viewer)
    let start = known ?? pastPlans.plan(for: key, sizeMax: size) ?? Plan(id: current.plan.id, for: viewer)
    let plan = try await fold(start, key, through: size.lastPosition)
    knownViews.remember(plan, for: viewer, of: current)
    return plan
  }

  /// Folds on from a plan, and keeps moments of the way for those who ask next.
  ///
  /// - Parameters:
  ///   - last: the last event to fold.
  ///   - belongs: whether an event is still to be folded; the first one that is not ends it.
  ///   - onFact: told of each event that the viewer may know of.
  private func fold(
    _ start: Plan, _ key: PastPlans.Key, through last: Position?,
    while belongs: (PreparedEvent) -> Bool = { _ in true }, onFact: (EventRecord) -> Void = { _ in }
  ) async throws(Unavailability) -> Plan {
    var plan = start
    try await store.forEachPage(
      of: LogID(plan: plan.id), from: plan.size.nextPosition, through: last, pageSize: configuration.replayPageSize,
      reading: PreparedEvent.init, failing: { Unavailability($0) }
    ) { page throws(Unavailability) in
      for event in page {
        guard belongs(event) else { return false }
        let read = try event.available(in: plan)
        let record = EventRecord(read.envelope)
        if plan.apply(read.fact, record) != nil { onFact(record) }
      }
      if let recordedAt = page.last?.recordedAt { pastPlans.offer(plan, recordedAt: recordedAt, for: key) }
      return true
    }
    return plan
  }
}
