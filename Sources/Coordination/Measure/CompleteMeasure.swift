package import EventSourcing

/// Completes a measure; nothing that it cannot do without may be open (§11).
package struct CompleteMeasure: MoveCommand {
  package typealias Fact = MeasureCompleted
  package static let name = "complete-measure"
  package static let summary = LocalizedText(de: "Maßnahme abschließen", en: "Complete a measure")
  package static let roles = Set<Role>.delivery
  package static let move = Measure.State.Move.complete

  package let measure: MeasureReference
  package let reason: FreeText?

  package init(measure: MeasureReference, reason: FreeText?) {
    self.measure = measure
    self.reason = reason
  }

  package func check(_ measure: Measure, _ context: DecisionContext) throws(Refusal) {
    try ensure(
      measure.kind != .examine,
      Refusal(
        .rule, "examination-open", field: "measure",
        de: "Eine Prüfmaßnahme endet mit ihrem Ergebnis (\(ConcludeExamination.name)).",
        en: "An examination ends with its result (\(ConcludeExamination.name))."))
    try measure.requireNoOpenMilestones(on: context.effectiveDate)
  }
}
