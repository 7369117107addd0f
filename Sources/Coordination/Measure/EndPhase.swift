public import EventSourcing

/// Ends a phase of a measure: from the effective date on it no longer holds.
public struct EndPhase: PlanCommand {
  public static let name = "end-phase"
  public static let summary = LocalizedText(de: "Phase beenden", en: "End a phase")
  public static let roles = Set<Role>.delivery
  public static let facts: [any PlanFact.Type] = [PhaseEnded.self]
  public static let record = Record(
    Self.init(measure:phase:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("phase", \.phase))

  public let measure: MeasureReference
  public let phase: Label

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    // A phase may still be ended once the measure is finished.
    let measure = try plan.requireOwn(measure, context)
    guard let span = measure.phases.last(where: { $0.phase == phase.text && $0.until == nil }) else {
      throw Refusal(
        .conflict, "not-started", field: "phase", de: "Diese Phase läuft nicht.", en: "This phase is not under way.",
        facts: [
          .init("phases", .array(measure.phases.filter { $0.until == nil }.map { .string($0.phase) }))
        ])
    }
    try ensure(context.effectiveDate >= span.from, .endBeforeStart(span.from, field: "effectiveDate"))
    return [NewEvent(measure.subject, PhaseEnded(phase: phase))]
  }
}
