public import EventSourcing

/// What follows for a whole from its parts (§14): for a measure from its sub-measures, for a field, a cluster or the
/// plan from its measures. Parts that another programme delivers are left out.
public struct RollUp: Hashable, Sendable {
  /// How a part stands on a day.
  struct Part {
    let state: Measure.State
    /// What was said of it, and what follows from its own parts.
    let conditions: [String]
    let percent: Int?
  }

  public let state: Measure.State
  /// The worst condition among the parts that go on; `not-assessed` when none of them is assessed.
  public let condition: String
  /// The mean over all parts that were not discontinued: finished ones count in full, silent ones as nothing. Nil when
  /// no part says anything.
  public let percent: Int?
  public let counts: [Measure.State: Int]
  /// How many parts the percentage rests on, and how many of them said one.
  public let counted: Int
  public let reported: Int
  public let external: Int

  init(of parts: [Part], conditions: [String]) {
    let own = parts.filter { $0.state != .external }
    external = parts.count - own.count
    counts = Dictionary(own.map { ($0.state, 1) }, uniquingKeysWith: +)
    state = own.isEmpty && external > 0 ? .external : Self.state(from: counts)

    let assessed = own.filter { !$0.state.isFinished }.flatMap(\.conditions).filter { $0 != "not-assessed" }
    condition = assessed.max { Self.rank($0, conditions) < Self.rank($1, conditions) } ?? "not-assessed"

    let kept = own.filter { $0.state != .discontinued }
    let percents = kept.map { $0.state.isFinished ? 100 : $0.percent }
    counted = kept.count
    reported = percents.count { $0 != nil }
    percent = reported == 0 ? nil : percents.reduce(0) { $0 + ($1 ?? 0) } / counted
  }

  private static func rank(_ condition: String, _ conditions: [String]) -> Int {
    conditions.firstIndex(of: condition) ?? -1
  }

  private static func state(from counts: [Measure.State: Int]) -> Measure.State {
    let present = { (state: Measure.State) in counts[state] != nil }
    let open = Set(counts.keys.filter { !$0.isFinished })
    if open.isEmpty {
      // Nothing goes on. What was discontinued does not count beside what was completed.
      if present(.completed) { return .completed }
      return present(.permanent) ? .permanent : present(.discontinued) ? .discontinued : .planned
    }
    if open == [.paused] { return .paused }
    if present(.running) || present(.paused) || present(.completed) || present(.permanent) { return .running }
    return [.planned, .admitted].first(where: present) ?? .proposed
  }
}

extension Plan {
  /// What follows for a measure from the parts that have begun; nil while there is none.
  public func rollUp(of measure: Measure, on date: LocalDate) -> RollUp? {
    let begun = measure.parts.compactMap { measures[$0] }.filter { part in
      subjects[part.id.value].map { $0.start <= date } ?? true
    }
    guard !begun.isEmpty else { return nil }
    let parts = begun.map { part in
      RollUp.Part(
        state: part.state(on: date), conditions: [part.conditions.value(at: date)].compactMap { $0 },
        percent: part.percents.value(at: date) ?? nil)
    }
    return RollUp(of: parts, conditions: version(of: measure)?.conditions ?? [])
  }

  /// What follows for a field, a cluster or the whole plan from its measures. A measure counts once, however many parts
  /// it has.
  public func rollUp(of measures: [Measure], on date: LocalDate) -> RollUp {
    let parts = measures.map { measure in
      let own = measure.conditions.value(at: date)
      return RollUp.Part(
        state: state(of: measure, on: date),
        conditions: [own, rollUp(of: measure, on: date)?.condition].compactMap { $0 },
        percent: percent(of: measure, on: date))
    }
    return RollUp(of: parts, conditions: version(on: date)?.conditions ?? [])
  }

  /// How far a measure is on a day: as was reported, or as follows from its parts.
  public func percent(of measure: Measure, on date: LocalDate) -> Int? {
    guard let rollUp = rollUp(of: measure, on: date) else { return measure.percents.value(at: date) ?? nil }
    return rollUp.percent
  }

  /// The state of a measure on a day: its own, or the one derived from its parts.
  public func state(of measure: Measure, on date: LocalDate) -> Measure.State {
    // A measure that another programme leads is not ours to derive.
    let own = measure.state(on: date)
    return own == .external ? own : rollUp(of: measure, on: date)?.state ?? own
  }
}
