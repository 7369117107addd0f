public import EventSourcing

/// Completes a measure; nothing that it cannot do without may be open (§11).
public struct CompleteMeasure: MoveCommand {
  public typealias Fact = MeasureCompleted
  public static let name = "complete-measure"
  public static let summary = LocalizedText(de: "Maßnahme abschließen", en: "Complete a measure")
  public static let roles = Set<Role>.delivery
  public static let move = Measure.State.Move.complete

  public let measure: MeasureReference
  public let reason: FreeText?

  public init(measure: MeasureReference, reason: FreeText?) {
    self.measure = measure
    self.reason = reason
  }

  public func check(_ measure: Measure, _ context: DecisionContext) throws(Refusal) {
    try ensure(
      measure.kind != .examine,
      Refusal(
        .rule, "examination-open", field: "measure",
        de: "Eine Prüfmaßnahme endet mit ihrem Ergebnis (\(ConcludeExamination.name)).",
        en: "An examination ends with its result (\(ConcludeExamination.name))."))
    try measure.requireNoOpenMilestones(on: context.effectiveDate)
  }
}
