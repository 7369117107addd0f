package import EventSourcing

/// Keeps up for good what a completed measure began (Verstetigung).
package struct MakePermanent: MoveCommand {
  package typealias Fact = MeasureMadePermanent
  package static let name = "make-permanent"
  package static let summary = LocalizedText(de: "Maßnahme verstetigen", en: "Make a measure permanent")
  package static let roles = Set<Role>.office
  package static let move = Measure.State.Move.makePermanent

  package let measure: MeasureReference
  package let reason: FreeText?

  package init(measure: MeasureReference, reason: FreeText?) {
    self.measure = measure
    self.reason = reason
  }
}
