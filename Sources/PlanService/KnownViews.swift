internal import Coordination
internal import EventSourcing
internal import Synchronization

/// What was worked out for readers who may not see everything: what each may know, and the plan as they know it.
///
/// Both follow from the log, so losing them costs time only. There is room for so many of each; when it is full, all
/// go.
final class KnownViews: Sendable {
  private struct ViewerKey: Hashable {
    let plan: EntityID
    let size: LogSize
    let epoch: Int
    let institution: String?
    let role: Role
    let today: LocalDate
  }

  private struct PlanKey: Hashable {
    let plan: EntityID
    /// A log that lost events goes on in another epoch.
    let epoch: Int
    let viewer: Viewer
  }

  private struct State {
    var viewers: [ViewerKey: Viewer] = [:]
    var plans: [PlanKey: Plan] = [:]
  }

  private let countMax: Int
  private let state = Mutex(State())

  init(countMax: Int) { self.countMax = countMax }

  func viewer(for actor: PlanActor, of current: PlanSnapshot, on today: LocalDate) -> Viewer {
    guard actor.role.circle != .internal else { return .office }
    let key = ViewerKey(
      plan: current.plan.id, size: current.plan.size, epoch: current.head.epoch, institution: actor.institution,
      role: actor.role, today: today)
    if let known = state.withLock({ $0.viewers[key] }) { return known }
    let viewer = Viewer(actor, in: current.plan, on: today)
    state.withLock { state in
      if state.viewers.count >= countMax { state.viewers = [:] }
      state.viewers[key] = viewer
    }
    return viewer
  }

  /// The plan as somebody with the same rights last saw it; it may be older than `current`, never newer.
  func plan(for viewer: Viewer, of current: PlanSnapshot) -> Plan? {
    let key = PlanKey(plan: current.plan.id, epoch: current.head.epoch, viewer: viewer)
    return state.withLock { $0.plans[key] }.flatMap { $0.size <= current.plan.size ? $0 : nil }
  }

  func remember(_ plan: Plan, for viewer: Viewer, of current: PlanSnapshot) {
    let key = PlanKey(plan: plan.id, epoch: current.head.epoch, viewer: viewer)
    state.withLock { state in
      if let known = state.plans[key], known.size >= plan.size { return }
      if state.plans.count >= countMax { state.plans = [:] }
      state.plans[key] = plan
    }
  }
}
