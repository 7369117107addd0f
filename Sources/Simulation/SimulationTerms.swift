public import Coordination
public import EventSourcing

/// What a simulation is asked for. The same terms on the same plan give the same history.
public struct SimulationTerms: Hashable, Sendable {
  public let period: ClosedRange<LocalDate>
  public let seed: UInt64
  /// How often the plan's measures are there: 1 leaves the plan as it is, 10 adds nine copies of each.
  public let scale: Int
  /// Whether the office closes the plan when its term ends.
  public let closesPlan: Bool

  /// - Precondition: `scale` is at least 1.
  public init(period: ClosedRange<LocalDate>, seed: UInt64, scale: Int = 1, closesPlan: Bool = false) {
    precondition(scale >= 1, "a simulation has the plan's own measures at least")
    self.period = period
    self.seed = seed
    self.scale = scale
    self.closesPlan = closesPlan
  }

  /// Whole months from `YYYY-MM` to `YYYY-MM`, both included; nil when that is no period.
  public static func period(from: String, to: String) -> ClosedRange<LocalDate>? {
    guard let first = LocalDate("\(from)-01"), let lastMonth = LocalDate("\(to)-01"), first <= lastMonth else {
      return nil
    }
    let (year, month, _) = lastMonth.components
    let following =
      month == 12 ? LocalDate(year: year + 1, month: 1, day: 1) : LocalDate(year: year, month: month + 1, day: 1)
    return following.map { first...$0.advanced(byDays: -1) }
  }
}

/// What is done on the first day before the history begins: a copy of a plan is imported into the simulation.
public struct SimulationOpening: Sendable {
  public let commands: [any PlanCommand]
  public let effectiveDate: LocalDate

  public init(commands: [any PlanCommand], effectiveDate: LocalDate) {
    self.commands = commands
    self.effectiveDate = effectiveDate
  }
}
