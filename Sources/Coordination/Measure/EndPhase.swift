package import EventSourcing

/// Ends a phase of a measure: from the effective date on it no longer holds.
package struct EndPhase: PlanCommand {
  package static let name = "end-phase"
  package static let summary = LocalizedText(de: "Phase beenden", en: "End a phase")
  package static let roles = Set<Role>.delivery
  package static let facts: [any PlanFact.Type] = [PhaseEnded.self]
  package static let record = Record(
    Self.init(measure:phase:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("phase", \.phase))

  package let measure: MeasureReference
  package let phase: Label

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
