public import Coordination
public import EventSourcing

/// What a file knew of its plan, to tell what was edited in it from what became of the plan without it.
///
/// An edit is what the file says otherwise than both plans: otherwise than `shown`, or nobody has touched it since the
/// file was made; and otherwise than `imported`, or an import has carried it out already, and whatever the plan says
/// now came later.
public struct ImportBase: Sendable {
  /// The plan that the file was written from, which the file shows on the day that it names; of a file that names no
  /// position, the plan after the last import.
  public let shown: Plan
  /// The plan as the files alone make it: as it was when the file was written, or after the first import, which left
  /// file and plan saying the same, with what imports have done since and nobody else.
  public let imported: Plan

  public init(shown: Plan, imported: Plan) {
    self.shown = shown
    self.imported = imported
  }

  /// The position of `shown`, and the one from which on `imported` has the events of imports only; nil where the file
  /// names no position and nothing was ever imported.
  public static func positions(of file: PlanFile, in plan: Plan) -> (shown: Position, imported: Position)? {
    if let position = PlanImporter.position(of: file) { return (position, position) }
    guard let first = plan.firstImport, let last = plan.lastImport else { return nil }
    return (last, first)
  }
}
