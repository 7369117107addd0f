public import Coordination
internal import EventSourcing

/// A plausible history of a plan, made up command by command.
///
/// Pure and reproducible: what comes next depends on the terms, on the plan as it has become, and on nothing else.
/// Lists out of the plan's maps are sorted before chance is asked, because their order differs from process to process.
public struct SimulatedHistory: Sendable {
  private var stage: Stage

  /// - Returns: nil when the plan begins only after the period.
  public init?(_ terms: SimulationTerms, opening: SimulationOpening? = nil, onto plan: Plan) {
    var first = max(terms.period.lowerBound, opening?.effectiveDate ?? terms.period.lowerBound)
    if let version = plan.currentVersion { first = max(first, version.from) }
    guard first <= terms.period.upperBound else { return nil }
    stage = Stage(terms, from: first)
    if let opening { stage.planToday(Import(opening: opening)) }
    stage.planToday(GrowPlan())
    stage.planToday(Survey())
  }

  /// The next command, judged by the plan as it is after those before it; nil when the period is over.
  public mutating func next(in plan: Plan) -> SimulatedCommand? {
    while true {
      if let command = stage.takeCommand() { return command }
      if let appointment = stage.takeAppointment() {
        appointment.keep(in: plan, on: &stage)
      } else {
        guard stage.beginNextDay() else { return nil }
        watchDeadlines(in: plan)
      }
    }
  }

  /// What time alone causes comes first each day, from the same place as in the program itself.
  private mutating func watchDeadlines(in plan: Plan) {
    for command in plan.dueCommands(on: stage.today) {
      stage.send(command, as: PlanActor(id: .system("clock"), role: .system))
    }
  }
}
