public import Coordination
public import EventSourcing

/// What readers see: a plan at one committed position, and the head of its log there.
public struct PlanSnapshot: Sendable {
  public let plan: Plan
  public let head: LogHead
}
