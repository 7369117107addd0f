package import EventSourcing

/// Lets a running measure rest (ruhend, §50).
package struct PauseMeasure: MoveCommand {
  package typealias Fact = MeasurePaused
  package static let name = "pause-measure"
  package static let summary = LocalizedText(de: "Maßnahme ruhen lassen", en: "Pause a measure")
  package static let roles = Set<Role>.delivery
  package static let move = Measure.State.Move.pause
  package static let isReasonNeeded = true

  package let measure: MeasureReference
  package let reason: FreeText?

  package init(measure: MeasureReference, reason: FreeText?) {
    self.measure = measure
    self.reason = reason
  }
}
