public import EventSourcing

/// Lets a running measure rest (ruhend, §50).
public struct PauseMeasure: MoveCommand {
  public typealias Fact = MeasurePaused
  public static let name = "pause-measure"
  public static let summary = LocalizedText(de: "Maßnahme ruhen lassen", en: "Pause a measure")
  public static let roles = Set<Role>.delivery
  public static let move = Measure.State.Move.pause
  public static let isReasonNeeded = true

  public let measure: MeasureReference
  public let reason: FreeText?

  public init(measure: MeasureReference, reason: FreeText?) {
    self.measure = measure
    self.reason = reason
  }
}
