internal import Coordination
internal import EventSourcing

/// Something that is due on a day; what comes of it is decided then, from the plan as it is.
protocol Appointment: Sendable {
  func keep(in plan: Plan, on stage: inout Stage)
}

/// The appointments of a period, each day's in the order in which they were made.
struct Agenda {
  private let period: ClosedRange<LocalDate>
  private var days: [[any Appointment]]
  /// The first appointment of the day that is still to be kept.
  private var next = 0

  init(period: ClosedRange<LocalDate>) {
    self.period = period
    let count = period.upperBound.daysSinceEpoch - period.lowerBound.daysSinceEpoch + 1
    days = Array(repeating: [], count: Int(count))
  }

  /// Nothing is made for a day beyond the period.
  mutating func add(_ appointment: any Appointment, on day: LocalDate) {
    guard period.contains(day) else { return }
    days[index(of: day)].append(appointment)
  }

  mutating func takeNext(on day: LocalDate) -> (any Appointment)? {
    let index = index(of: day)
    guard next < days[index].count else { return nil }
    defer { next += 1 }
    return days[index][next]
  }

  /// Leaves a day behind, with all that it held.
  mutating func finish(_ day: LocalDate) {
    days[index(of: day)] = []
    next = 0
  }

  private func index(of day: LocalDate) -> Int { Int(day.daysSinceEpoch - period.lowerBound.daysSinceEpoch) }
}
