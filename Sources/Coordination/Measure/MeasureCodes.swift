package import EventSourcing

/// Codes name measures for people and may change; an old code keeps naming its measure until another one is given it.
extension Plan {
  package func measure(_ reference: String) -> Measure? {
    if let id = measuresByCode[reference] { return measures[id] }
    return EntityID(reference).flatMap { measures[MeasureID($0)] }
  }

  func require(_ reference: MeasureReference, field: String) throws(Refusal) -> Measure {
    guard let measure = measure(reference.text) else {
      throw .unknown("measure", reference.text, field: field, de: "Maßnahme", en: "measure")
    }
    return measure
  }

  /// Whether a measure is the one that is delivered today: no later version continues it or gave its code away.
  package func isCurrent(_ measure: Measure) -> Bool {
    if let whole = measure.parent.flatMap({ measures[$0] }), whole.parent == nil, !isCurrent(whole) { return false }
    return measure.successor == nil && measuresByCode[measure.code] == measure.id
  }

  /// Whether a measure is one of the plan's on a day: it had begun, and neither it nor its whole had given way to
  /// another measure that continues it or took over its code.
  package func lists(_ measure: Measure, on date: LocalDate) -> Bool {
    func hasBegun(_ id: MeasureID) -> Bool { subjects[id.value].map { $0.start <= date } ?? false }
    if let whole = measure.parent.flatMap({ measures[$0] }), whole.parent == nil, !lists(whole, on: date) {
      return false
    }
    return hasBegun(measure.id)
      && ![measure.successor, measuresByCode[measure.code]].contains { other in
        other.map { $0 != measure.id && hasBegun($0) } ?? false
      }
  }

  /// Whether a measure is one of the plan's on a day, and neither it nor its whole was discontinued by then.
  package func counts(_ measure: Measure, on date: LocalDate) -> Bool {
    if let whole = measure.parent.flatMap({ measures[$0] }), whole.parent == nil, !counts(whole, on: date) {
      return false
    }
    return lists(measure, on: date) && state(of: measure, on: date) != .discontinued
  }

  /// The measure that a reference named on a day: what a later version continues had the code before.
  package func measure(_ reference: String, on date: LocalDate) -> Measure? {
    guard var measure = measure(reference) else { return nil }
    while let start = subjects[measure.id.value]?.start, start > date,
      let earlier = measure.predecessor.flatMap({ measures[$0] })
    {
      measure = earlier
    }
    return measure
  }

  /// The parts of a measure that are there on a day.
  package func parts(of measure: Measure, on date: LocalDate) -> [Measure] {
    measure.parts.compactMap { measures[$0] }.filter { lists($0, on: date) }
  }

  /// A code is unique within its version (§6); one that was given up is free.
  func requireFreeCode(_ code: String, in version: EntityID?, field: String) throws(Refusal) {
    guard let last = measuresByCode[code] else { return }
    let candidates = [last] + measures.keys { $0.code == code }
    let holder = candidates.first { measures[$0]?.code == code && measures[$0]?.version == version }
    if let holder { throw .taken("code", code, by: holder.description, field: field) }
  }

  // MARK: - Folding

  /// Adds a measure and lets its code name it.
  mutating func add(_ measure: Measure) {
    measures[measure.id] = measure
    giveCode(to: measure)
  }

  /// Puts a measure in another place of the plan; the codes of its parts follow.
  mutating func place(_ id: MeasureID, in taskField: EntityID, _ numeral: Numeral, part: String?, code: String) {
    guard var measure = measures[id] else { return }
    let old = measure.code
    measure.taskField = taskField
    measure.numeral = numeral
    measure.part = part
    measure.code = code
    measures[id] = measure
    giveCode(to: measure)
    takeCode(old, from: id)
    // A part has no parts of its own, so one step is enough, whatever was recorded.
    guard measure.parent == nil else { return }
    for part in measure.parts.compactMap({ measures[$0] }) where part.parent == id {
      place(part.id, in: taskField, numeral, part: part.part, code: "\(code).\(part.part ?? "")")
    }
  }

  /// The code names the measure of the latest version that has it.
  private mutating func giveCode(to measure: Measure) {
    if let holder = measuresByCode[measure.code].flatMap({ measures[$0] }), holder.code == measure.code,
      index(of: holder.version) > index(of: measure.version)
    {
      return
    }
    measuresByCode[measure.code] = measure.id
  }

  /// A code that was given up still names its measure, unless one of another version has it.
  private mutating func takeCode(_ code: String, from id: MeasureID) {
    guard measuresByCode[code] == id, measures[id]?.code != code else { return }
    let others = measures.values.filter { $0.code == code }
    if let latest = others.max(by: { index(of: $0.version) < index(of: $1.version) }) {
      measuresByCode[code] = latest.id
    }
  }

  private func index(of version: EntityID?) -> Int { versions.firstIndex { $0.id == version } ?? -1 }
}
