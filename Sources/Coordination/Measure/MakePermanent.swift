public import EventSourcing

/// Keeps up for good what a completed measure began (Verstetigung).
public struct MakePermanent: MoveCommand {
  public typealias Fact = MeasureMadePermanent
  public static let name = "make-permanent"
  public static let summary = LocalizedText(de: "Maßnahme verstetigen", en: "Make a measure permanent")
  public static let roles = Set<Role>.office
  public static let move = Measure.State.Move.makePermanent

  public let measure: MeasureReference
  public let reason: FreeText?

  public init(measure: MeasureReference, reason: FreeText?) {
    self.measure = measure
    self.reason = reason
  }
}
