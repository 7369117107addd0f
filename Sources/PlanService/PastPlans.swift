internal import Coordination
internal import EventSourcing
internal import Synchronization

/// Plans as they were at moments of their past: an old moment is folded from the nearest one before it.
///
/// A plan's maps are persistent, so what is kept of two moments shares everything that did not change in between;
/// keeping one costs what changed since the one before. They are kept at even distances; when there are too many, every
/// other one goes and the distance doubles. All follow from the log, so losing them costs time only.
final class PastPlans: Sendable {
  /// Whose past: a log that lost events goes on in another epoch, and each viewer knows a past of their own.
  struct Key: Hashable, Sendable {
    let plan: EntityID
    let epoch: Int
    let viewer: Viewer
  }

  fileprivate struct Moment {
    let plan: Plan
    /// When its last event was recorded, also where that is hidden from the viewer.
    let recordedAt: Timestamp
  }

  fileprivate struct Series {
    var distance: Int64
    /// The oldest first.
    var moments: [Moment] = []
  }

  private let momentsMax: Int
  private let seriesMax: Int
  private let distance: Int64
  private let state = Mutex<[Key: Series]>([:])

  /// - Parameters:
  ///   - momentsMax: how many moments of one series are kept.
  ///   - seriesMax: how many series; when there are more, all go.
  ///   - distance: between two moments at first, in events.
  init(momentsMax: Int, seriesMax: Int, distance: Int) {
    self.momentsMax = momentsMax
    self.seriesMax = seriesMax
    self.distance = Int64(distance)
  }

  /// Keeps a plan if it is far enough from the one before.
  func offer(_ plan: Plan, recordedAt: Timestamp, for key: Key) {
    state.withLock { all in
      if all[key] == nil {
        if all.count >= seriesMax { all = [:] }
        all[key] = Series(distance: distance)
      }
      all[key]?.offer(Moment(plan: plan, recordedAt: recordedAt), momentsMax: momentsMax)
    }
  }

  /// The newest kept plan of at most this size, all of whose events belong to the moment; nil when none is kept.
  func plan(for key: Key, sizeMax: LogSize, asOf time: Timestamp? = nil) -> Plan? {
    state.withLock { all in
      all[key]?.moments.last { moment in
        moment.plan.size <= sizeMax && time.map { moment.recordedAt <= $0 } ?? true
      }?.plan
    }
  }

  /// Forgets the past of a plan that is loaded afresh: its log may not be what it was.
  func forget(_ plan: EntityID) {
    state.withLock { all in all = all.filter { $0.key.plan != plan } }
  }
}

extension PastPlans.Series {
  fileprivate mutating func offer(_ moment: PastPlans.Moment, momentsMax: Int) {
    let size = moment.plan.size.value
    // Folds of old moments pass by places between those that are kept, and may fill a gap there.
    let index = moments.firstIndex { $0.plan.size.value >= size } ?? moments.endIndex
    let before = index > 0 ? moments[index - 1].plan.size.value : 0
    let after = index < moments.endIndex ? moments[index].plan.size.value : .max
    guard size / distance > before / distance, after > size, size / distance < after / distance else { return }
    moments.insert(moment, at: index)
    while moments.count > momentsMax {
      distance *= 2
      var last: Int64 = 0
      moments.removeAll { kept in
        let slot = kept.plan.size.value / distance
        defer { last = max(last, slot) }
        return slot <= last
      }
    }
  }
}
