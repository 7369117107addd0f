package import Coordination
package import EventSourcing

/// At which moment of recorded time a plan is read.
package enum ReadMoment: Hashable, Sendable {
  case now
  /// The events up to and including this position.
  case position(Position)
  /// The events recorded up to and including this time.
  case asOf(Timestamp)
}

extension PlanService {
  /// What an actor may know today.
  package func viewer(for actor: PlanActor, of id: EntityID) async throws(Unavailability) -> Viewer {
    let current = try await snapshot(of: id)
    return knownViews.viewer(for: actor, of: current, on: current.plan.today(at: try await now()))
  }

  /// The plan at a moment, as far as a viewer may know of it: now from memory, at any other moment by folding the log up
  /// to it with the same fold.
  ///
  /// - Returns: nil when the position is not in the log.
  package func plan(
    _ id: EntityID, at moment: ReadMoment, for viewer: Viewer = .office, positionMin: Position? = nil
  ) async throws(Unavailability) -> Plan? {
    let current = try await snapshot(of: id, positionMin: positionMin)
    switch moment {
    case .now: return try await narrowed(current, for: viewer)
    case .position(let position):
      guard position < current.plan.size.nextPosition else { return nil }
      if position == current.plan.size.lastPosition { return try await narrowed(current, for: viewer) }
      return try await fold(Plan(id: id, for: viewer), through: position)
    case .asOf(let time):
      if let last = current.plan.lastRecordedAt, last <= time { return try await narrowed(current, for: viewer) }
      return try await fold(Plan(id: id, for: viewer)) { $0.recordedAt <= time }
    }
  }

  /// The plan that readers see, for one of them: folded on from where it was when somebody with the same rights asked.
  private func narrowed(_ current: PlanSnapshot, for viewer: Viewer) async throws(Unavailability) -> Plan {
    if viewer == .office { return current.plan }
    let size = current.plan.size
    let known = knownViews.plan(for: viewer, of: current)
    if let known, known.size == size { return known }
    let plan = try await fold(known ?? Plan(id: current.plan.id, for: viewer), through: size.lastPosition)
    knownViews.remember(plan, for: viewer, of: current)
    return plan
  }

  /// - Parameters:
  ///   - last: the last event to fold; all that there are where nil.
  ///   - belongs: whether an event is still to be folded; the first one that is not ends it.
  private func fold(
    _ start: Plan, through last: Position? = nil, while belongs: (StoredEvent) -> Bool = { _ in true }
  ) async throws(Unavailability) -> Plan {
    var plan = start
    try await store.forEachPage(
      of: LogID(plan: plan.id), from: plan.size.nextPosition, through: last, pageSize: configuration.replayPageSize,
      failing: { _ in Unavailability.storeUnavailable }
    ) { page throws(Unavailability) in
      for event in page {
        guard belongs(event) else { return false }
        let (fact, envelope) = try plan.readAvailable(event)
        plan.apply(fact, EventRecord(envelope))
      }
      return true
    }
    return plan
  }
}
