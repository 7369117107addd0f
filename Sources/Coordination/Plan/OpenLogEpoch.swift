package import EventSourcing

/// Opens a new epoch of the plan's log after a restore or failover lost published events. Sent by the operator.
package struct OpenLogEpoch: PlanCommand {
  package static let name = "open-log-epoch"
  package static let summary = LocalizedText(de: "Neue Logepoche öffnen", en: "Open a new log epoch")
  package static let roles: Set<Role> = [.system]
  package static let facts: [any PlanFact.Type] = [LogEpochOpened.self]
  package static let isForClosedPlans = true
  package static let record = Record(
    Self.init(previousEpoch:publishedSize:publishedRoot:reason:), Field("previousEpoch", \.previousEpoch),
    Field("publishedSize", \.publishedSize), Field("publishedRoot", \.publishedRoot), Field("reason", \.reason))

  package let previousEpoch: Int
  package let publishedSize: Int
  package let publishedRoot: Label
  package let reason: FreeText

  package init(previousEpoch: Int, publishedSize: Int, publishedRoot: Label, reason: FreeText) {
    self.previousEpoch = previousEpoch
    self.publishedSize = publishedSize
    self.publishedRoot = publishedRoot
    self.reason = reason
  }

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    [
      NewEvent(
        plan.subject,
        LogEpochOpened(
          previousEpoch: previousEpoch, publishedSize: publishedSize, publishedRoot: publishedRoot,
          reason: Disclosable(reason)))
    ]
  }
}
