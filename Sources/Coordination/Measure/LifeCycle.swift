public import EventSourcing

extension Measure.State {
  /// A step in the life of a measure.
  public enum Move: Sendable, CaseIterable {
    case admit, schedule, start, pause, resume, complete, conclude, reopen, makePermanent, discontinue
  }

  /// The life cycle as one table: where a move leads from here, nil where it is not allowed.
  public func after(_ move: Move) -> Self? {
    switch (move, self) {
    case (.admit, .proposed): .admitted
    case (.schedule, .admitted): .planned
    case (.start, .admitted), (.start, .planned), (.start, .running): .running
    case (.pause, .running): .paused
    case (.resume, .paused): .running
    case (.complete, .running): .completed
    // Whoever finds the answer at once has not been running before.
    case (.conclude, .planned), (.conclude, .running): .completed
    case (.reopen, .completed): .running
    case (.makePermanent, .completed): .permanent
    case (.discontinue, .discontinued), (.discontinue, .external): nil
    case (.discontinue, _): .discontinued
    default: nil
    }
  }

  /// The states that a move may start from.
  public static func allowing(_ move: Move) -> [Self] { allCases.filter { $0.after(move) != nil } }

  /// Whether nothing more is delivered or reported (§11).
  public var isFinished: Bool { self == .completed || self == .permanent || self == .discontinued }
}

extension Measure {
  /// The state that was recorded for a day; that of a measure with parts is derived from them (`Plan.state`).
  public func state(on date: LocalDate) -> State { states.value(at: date) ?? states.first ?? .planned }

  /// Takes a step that something else brings with it, where there is one to take.
  mutating func advance(_ move: State.Move, _ record: EventRecord) {
    advance(move, from: record.effectiveDate, at: record.position)
  }

  mutating func advance(_ move: State.Move, from date: LocalDate, at position: Position) {
    let state = state(on: date)
    guard let next = state.after(move), next != state else { return }
    states.record(next, from: date, at: position)
  }
}

extension Plan {
  /// Refuses a move that the life cycle does not have, that a measure with parts leaves to its parts (§14), or that
  /// would slip in before a change that is already recorded.
  func requireMove(_ move: Measure.State.Move, of measure: Measure, on date: LocalDate) throws(Refusal) {
    try ensure(rollUp(of: measure, on: date) == nil, .derived(from: measure, in: self, field: "measure"))
    try ensure(
      measure.state(on: date).after(move) != nil,
      .wrongState(measure.state(on: date), allowed: Measure.State.allowing(move)))
    try measure.requireNoLaterState(than: date)
  }

  /// Refuses what needs a measure that is still being delivered here: not finished (§11), not led elsewhere (§28).
  func requireUnfinished(_ measure: Measure, on date: LocalDate) throws(Refusal) {
    try requireLedHere(measure, on: date)
    try requireNotFinished(measure, on: date)
  }

  /// Refuses what would begin something anew in a measure that is finished (§11, §50).
  func requireNotFinished(_ measure: Measure, on date: LocalDate) throws(Refusal) {
    let state = state(of: measure, on: date)
    try ensure(
      !state.isFinished,
      Refusal(
        .conflict, "finished", field: "measure", de: "Diese Maßnahme ist beendet.", en: "This measure is finished.",
        facts: [.init("state", .string(state.rawValue))]))
  }

  /// Refuses a role that leads in a measure that another programme leads meanwhile: no second set of leads (§28).
  func requireLedHere(
    _ measure: Measure, for role: Assignment.Role, from start: LocalDate, until end: LocalDate?
  ) throws(Refusal) {
    guard role.isLeading else { return }
    let changes = measure.states.entries.map(\.effectiveDate).filter { date in
      date > start && end.map { date < $0 } ?? true
    }
    for day in [start] + changes { try requireLedHere(measure, on: day) }
  }

  private func requireLedHere(_ measure: Measure, on date: LocalDate) throws(Refusal) {
    try ensure(
      state(of: measure, on: date) != .external,
      Refusal(
        .conflict, "externally-led", field: "measure",
        de: "Diese Maßnahme wird in einem anderen Programm geführt und berichtet.",
        en: "This measure is led and reported under another programme."))
  }
}

extension Assignment.Role {
  /// Whether it is one that another programme's measure has elsewhere.
  var isLeading: Bool {
    switch self {
    case .lead, .leadPartner: true
    case .contributor, .consulted, .unclear: false
    }
  }
}

extension Measure {
  /// Refuses a state that a later one would put an end to unseen.
  func requireNoLaterState(than date: LocalDate) throws(Refusal) {
    guard let last = states.entries.last, last.effectiveDate > date else { return }
    throw Refusal(
      .conflict, "later-change", field: "effectiveDate",
      de: "Für einen späteren Tag ist schon ein Zustand festgehalten.",
      en: "A state is already recorded for a later day.",
      facts: [.init("state", .string(last.value.rawValue)), .init("since", .string(last.effectiveDate.description))])
  }
}

extension Refusal {
  /// The 409 for something that the state does not allow.
  static func wrongState(_ state: Measure.State, allowed: [Measure.State]) -> Refusal {
    Refusal(
      .conflict, "wrong-state", field: "measure", de: "Im Zustand „\(state.wording.german)“ geht das nicht.",
      en: "This cannot be done to a measure that is \(state.wording.english).",
      facts: [
        .init("state", .string(state.rawValue)), .init("allowed", .array(allowed.map { .string($0.rawValue) })),
      ])
  }

  /// The 422 for setting by hand what follows from the parts (§14).
  static func derived(from measure: Measure, in plan: Plan, field: String) -> Refusal {
    Refusal(
      .rule, "derived", field: field, de: "Das ergibt sich aus den Teilmaßnahmen.",
      en: "This is derived from the sub-measures.",
      facts: [.init("parts", .array(measure.parts.compactMap { plan.measures[$0] }.map { .string($0.code) }))])
  }
}
