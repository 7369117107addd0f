public import EventSourcing

/// Starts a phase of a measure (Testphase, Aufbau, Umsetzung …); somebody must lead it by then (§5).
public struct StartPhase: PlanCommand {
  public static let name = "start-phase"
  public static let summary = LocalizedText(de: "Phase beginnen", en: "Start a phase")
  public static let roles = Set<Role>.delivery
  public static let facts: [any PlanFact.Type] = [PhaseStarted.self]
  public static let record = Record(
    Self.init(measure:phase:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("phase", \.phase, de: "Name der Phase wie in den Zuordnungen", en: "name of the phase as in assignments"))

  public let measure: MeasureReference
  public let phase: Label

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.requireInDelivery(measure, context)
    let state = plan.state(of: measure, on: context.effectiveDate)
    try ensure(state.after(.start) != nil, .wrongState(state, allowed: Measure.State.allowing(.start)))
    try ensure(
      !measure.phases.contains { $0.phase == phase.text && $0.until.map { context.effectiveDate < $0 } ?? true },
      Refusal(
        .conflict, "already-started", field: "phase", de: "Diese Phase hat schon begonnen.",
        en: "This phase has already started."))
    try ensure(
      plan.isLed(measure, in: phase.text, on: context.effectiveDate),
      Refusal(
        .rule, "no-lead", field: "phase", de: "Für diese Phase ist an dem Tag niemand federführend.",
        en: "Nobody leads this phase on that day.",
        facts: [
          .init("measure", .string(measure.code(on: context.effectiveDate))), .init("phase", .string(phase.text)),
        ]))
    return [NewEvent(measure.subject, PhaseStarted(phase: phase))]
  }
}
