package import EventSourcing

/// Takes up a measure that rested (Wiederaufnahme).
package struct ResumeMeasure: MoveCommand {
  package typealias Fact = MeasureResumed
  package static let name = "resume-measure"
  package static let summary = LocalizedText(de: "Maßnahme wieder aufnehmen", en: "Resume a measure")
  package static let roles = Set<Role>.delivery
  package static let move = Measure.State.Move.resume

  package let measure: MeasureReference
  package let reason: FreeText?

  package init(measure: MeasureReference, reason: FreeText?) {
    self.measure = measure
    self.reason = reason
  }
}
