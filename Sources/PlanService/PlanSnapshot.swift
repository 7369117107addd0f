package import Coordination
package import EventSourcing

/// What readers see: a plan at one committed position, and the head of its log there.
package struct PlanSnapshot: Sendable {
  package let plan: Plan
  package let head: LogHead
}
