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
  /// The plan at a moment: now from memory, any other by folding the log up to it with the same fold.
  ///
  /// - Returns: nil when the position is not in the log.
  package func plan(
    _ id: EntityID, at moment: ReadMoment, positionMin: Position? = nil
  ) async throws(Unavailability) -> Plan? {
    let current = try await snapshot(of: id, positionMin: positionMin).plan
    switch moment {
    case .now: return current
    case .position(let position):
      guard position < current.size.nextPosition else { return nil }
      return position == current.size.lastPosition
        ? current : try await fold(id) { $0.position <= position }
    case .asOf(let time):
      if let last = current.lastRecordedAt, last <= time { return current }
      return try await fold(id) { $0.recordedAt <= time }
    }
  }

  private func fold(_ id: EntityID, while belongs: (StoredEvent) -> Bool) async throws(Unavailability) -> Plan {
    var replay = LogReplay(plan: id)
    do throws(EventLogFailure) {
      while true {
        let page = try await store.events(
          of: LogID(plan: id),
          matching: EventQuery(from: replay.plan.size.nextPosition, limit: configuration.replayPageSize))
        for event in page {
          guard belongs(event) else { return replay.plan }
          do throws(Unavailability) { try replay.apply(event) } catch {
            throw EventLogFailure(.broken, "unreadable event", error)
          }
        }
        guard page.count == configuration.replayPageSize else { return replay.plan }
      }
    } catch {
      throw error.underlying as? Unavailability ?? .storeUnavailable
    }
  }
}
