public import EventSourcing

/// Records what a measure brought forth (Ergebnis): a brochure, a guideline, a professorship …
public struct RecordDeliverable: PlanCommand {
  public static let name = "record-deliverable"
  public static let summary = LocalizedText(de: "Ergebnis festhalten", en: "Record a deliverable")
  public static let roles = Set<Role>.delivery
  public static let facts: [any PlanFact.Type] = [DeliverableRecorded.self]
  public static let record = Record(
    Self.init(measure:deliverable:reference:source:),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("deliverable", \.deliverable, de: "was vorliegt, möglichst wie im Plan", en: "what there is, as planned"),
    Field("reference", \.reference, de: "wo es zu finden ist", en: "where to find it"), Field("source", \.source))

  public let measure: MeasureReference
  public let deliverable: Label
  public let reference: Label?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    // A final report often comes when the rest is done, so only a measure that was discontinued takes none.
    let measure = try plan.requireOwn(measure, context, isOpenEnded: false)
    try plan.requireNotDiscontinued(measure, on: context.effectiveDate)
    try plan.requireCited(source)
    try ensure(context.effectiveDate <= context.today, .futureDate(context.effectiveDate, field: "effectiveDate"))
    try ensure(
      !measure.recordedDeliverables.contains {
        $0.deliverable == deliverable.text && $0.reference == reference?.text
      },
      Refusal(
        .conflict, "already-recorded", field: "deliverable", de: "Dieses Ergebnis ist schon festgehalten.",
        en: "This deliverable has already been recorded."))
    return [
      NewEvent(
        measure.subject, DeliverableRecorded(deliverable: deliverable, reference: reference, source: source))
    ]
  }
}
