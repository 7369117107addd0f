public import EventSourcing

/// How well a measure is led; a placeholder keeps the place of a lead, but is none.
public enum Leadership: Int, Comparable, Sendable {
  case none, placeholder, institution

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension Plan {
  /// A measure without a lead of its own is led as well as the worst led of its parts that are to be led, or that were
  /// while there were such.
  public func leadership(of measure: Measure, on date: LocalDate) -> Leadership {
    let own = measure.assignments.filter { leads($0, on: date) }.map { assignment -> Leadership in
      parties[assignment.holder]?.noun == .placeholders ? .placeholder : .institution
    }
    let open = partsToLead(of: measure, on: date)
    let parts = open.isEmpty ? parts(of: measure, on: date).filter { state(of: $0, on: date) != .external } : open
    return max(own.max() ?? .none, parts.map { leadership(of: $0, on: date) }.min() ?? .none)
  }

  /// The parts of a measure that need a lead here on a day: neither finished nor led under another programme (§28).
  public func partsToLead(of measure: Measure, on date: LocalDate) -> [Measure] {
    parts(of: measure, on: date).filter { part in
      let state = self.state(of: part, on: date)
      return !state.isFinished && state != .external
    }
  }

  /// Whether a measure is a gap in the responsibilities (§5): it goes on, and no institution leads it.
  public func lacksLead(_ measure: Measure, on date: LocalDate) -> Bool {
    leadership(of: measure, on: date) < .institution && !state(of: measure, on: date).isFinished
  }
}
