package import EventSourcing

/// Opens a completed measure again, so that it takes reports (§11).
package struct ReopenMeasure: MoveCommand {
  package typealias Fact = MeasureReopened
  package static let name = "reopen-measure"
  package static let summary = LocalizedText(de: "Maßnahme wieder öffnen", en: "Reopen a measure")
  package static let roles = Set<Role>.office
  package static let move = Measure.State.Move.reopen
  package static let isReasonNeeded = true

  package let measure: MeasureReference
  package let reason: FreeText?

  package init(measure: MeasureReference, reason: FreeText?) {
    self.measure = measure
    self.reason = reason
  }
}
