public import EventSourcing

/// Takes up a measure that rested (Wiederaufnahme).
public struct ResumeMeasure: MoveCommand {
  public typealias Fact = MeasureResumed
  public static let name = "resume-measure"
  public static let summary = LocalizedText(de: "Maßnahme wieder aufnehmen", en: "Resume a measure")
  public static let roles = Set<Role>.delivery
  public static let move = Measure.State.Move.resume

  public let measure: MeasureReference
  public let reason: FreeText?

  public init(measure: MeasureReference, reason: FreeText?) {
    self.measure = measure
    self.reason = reason
  }
}
