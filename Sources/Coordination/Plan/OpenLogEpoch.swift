public import EventSourcing

/// Opens a new epoch of the plan's log after a restore or failover lost published events. Sent by the operator.
public struct OpenLogEpoch: PlanCommand {
  public static let name = "open-log-epoch"
  public static let summary = LocalizedText(de: "Neue Logepoche öffnen", en: "Open a new log epoch")
  public static let roles: Set<Role> = [.system]
  public static let facts: [any PlanFact.Type] = [LogEpochOpened.self]
  public static let isForClosedPlans = true
  public static let record = Record(
    Self.init(previousEpoch:publishedSize:publishedRoot:reason:), Field("previousEpoch", \.previousEpoch),
    Field("publishedSize", \.publishedSize), Field("publishedRoot", \.publishedRoot), Field("reason", \.reason))

  public let previousEpoch: Int
  public let publishedSize: Int
  public let publishedRoot: Label
  public let reason: FreeText

  public init(previousEpoch: Int, publishedSize: Int, publishedRoot: Label, reason: FreeText) {
    self.previousEpoch = previousEpoch
    self.publishedSize = publishedSize
    self.publishedRoot = publishedRoot
    self.reason = reason
  }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    [
      NewEvent(
        plan.subject,
        LogEpochOpened(
          previousEpoch: previousEpoch, publishedSize: publishedSize, publishedRoot: publishedRoot,
          reason: Disclosable(reason)))
    ]
  }
}
