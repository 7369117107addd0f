public import EventSourcing

/// Opens a completed measure again, so that it takes reports (§11).
public struct ReopenMeasure: MoveCommand {
  public typealias Fact = MeasureReopened
  public static let name = "reopen-measure"
  public static let summary = LocalizedText(de: "Maßnahme wieder öffnen", en: "Reopen a measure")
  public static let roles = Set<Role>.office
  public static let move = Measure.State.Move.reopen
  public static let isReasonNeeded = true

  public let measure: MeasureReference
  public let reason: FreeText?

  public init(measure: MeasureReference, reason: FreeText?) {
    self.measure = measure
    self.reason = reason
  }
}
