package import EventSourcing

/// Codes name measures for people and may change; an old code keeps naming its measure until another one is given it.
extension Plan {
  /// The measure that a reference names once everything recorded has taken effect.
  package func measure(_ reference: String) -> Measure? {
    guard let holders = holders(ofCode: reference) else {
      return EntityID(reference).flatMap { measures[MeasureID($0)] }
    }
    return latest(of: holders.filter { $0.code == reference }) ?? holders.last
  }

  /// The measure that a reference names on a day: the one that has the code then, in the latest version that has begun.
  ///
  /// A code that nobody has on that day names what had it last, or will have it. What continues another measure is
  /// known by the other before it begins.
  package func measure(_ reference: String, on date: LocalDate) -> Measure? {
    let named = holders(ofCode: reference)?.filter { hasBegun($0.id, by: date) && $0.code(on: date) == reference }
    guard var measure = named.flatMap({ latest(of: $0) }) ?? measure(reference) else { return nil }
    while !hasBegun(measure.id, by: date), let earlier = measure.predecessor.flatMap({ measures[$0] }) {
      measure = earlier
    }
    return measure
  }

  /// The measure of a command, by what it is called on the day from which the command takes effect.
  func require(_ reference: MeasureReference, field: String, _ context: DecisionContext) throws(Refusal) -> Measure {
    guard let measure = measure(reference.text, on: context.effectiveDate) else {
      throw .unknown("measure", reference.text, field: field, de: "Maßnahme", en: "measure")
    }
    return measure
  }

  /// All that ever had a code or will have it, the last to be given it last.
  private func holders(ofCode code: String) -> [Measure]? {
    measuresByCode[code].map { $0.compactMap { measures[$0] } }
  }

  private func latest(of measures: [Measure]) -> Measure? {
    measures.reversed().max { index(of: $0.version) < index(of: $1.version) }
  }

  private func hasBegun(_ id: MeasureID, by date: LocalDate) -> Bool {
    subjects[id.value].map { $0.start <= date } ?? false
  }

  /// Whether a measure is the one that is delivered today: no later version continues it or gave its code away.
  package func isCurrent(_ measure: Measure) -> Bool {
    if let whole = measure.parent.flatMap({ measures[$0] }), whole.parent == nil, !isCurrent(whole) { return false }
    return measure.successor == nil && self.measure(measure.code)?.id == measure.id
  }

  /// Whether a measure is one of the plan's on a day: it had begun, and neither it nor its whole had given way to
  /// another measure that continues it or took over its code.
  package func lists(_ measure: Measure, on date: LocalDate) -> Bool {
    if let whole = measure.parent.flatMap({ measures[$0] }), whole.parent == nil, !lists(whole, on: date) {
      return false
    }
    guard hasBegun(measure.id, by: date) else { return false }
    if let successor = measure.successor, hasBegun(successor, by: date) { return false }
    let code = measure.code(on: date)
    // Nearly every code names one measure for good, and this is asked of every measure of every view.
    if measuresByCode[code] == [measure.id] { return true }
    return self.measure(code, on: date)?.id == measure.id
  }

  /// Whether a measure is one of the plan's on a day, and neither it nor its whole was discontinued by then.
  package func counts(_ measure: Measure, on date: LocalDate) -> Bool {
    if let whole = measure.parent.flatMap({ measures[$0] }), whole.parent == nil, !counts(whole, on: date) {
      return false
    }
    return lists(measure, on: date) && state(of: measure, on: date) != .discontinued
  }

  /// The parts of a measure that are there on a day.
  package func parts(of measure: Measure, on date: LocalDate) -> [Measure] {
    measure.parts.compactMap { measures[$0] }.filter { lists($0, on: date) }
  }

  /// A code is unique within its version at any time (§6); one that was given up is free.
  ///
  /// - Parameters:
  ///   - date: the day from which the code is wanted.
  ///   - claimant: the measure that is to have it; nil for one that begins.
  func requireFreeCode(
    _ code: String, in version: EntityID?, from date: LocalDate, for claimant: MeasureID? = nil, field: String
  ) throws(Refusal) {
    let holder = holders(ofCode: code)?.first { measure in
      guard measure.version == version, measure.id != claimant else { return false }
      return measure.code(on: date) == code
        || measure.places.entries.contains { $0.effectiveDate > date && $0.value.code == code }
    }
    if let holder { throw .taken("code", code, by: holder.id.description, field: field) }
  }

  // MARK: - Folding

  /// Adds a measure and lets its code name it.
  mutating func add(_ measure: Measure) {
    measures[measure.id] = measure
    giveCodes(to: measure.id)
  }

  /// Puts a measure in another place of the plan from a day on; the codes of its parts follow.
  mutating func place(_ id: MeasureID, at place: Measure.Place, _ record: EventRecord) {
    guard let measure = measures[id] else { return }
    if measure.parent != nil {
      if let part = place.part { measures[id]?.letters.record(part, from: record.effectiveDate, at: record.position) }
      placePart(id)
    } else {
      measures[id]?.places.record(place, from: record.effectiveDate, at: record.position)
      giveCodes(to: id)
      for part in measure.parts { placePart(part) }
    }
  }

  /// A part stands where its whole stands, under its own letter, whichever of the two changed last.
  mutating func placePart(_ id: MeasureID) {
    guard let part = measures[id], let whole = part.parent.flatMap({ measures[$0] }),
      let start = part.letters.entries.first?.effectiveDate
    else { return }
    var places = Timeline<Measure.Place>()
    let changes =
      part.letters.entries.map { ($0.effectiveDate, $0.position) }
      + whole.places.entries.map { (max($0.effectiveDate, start), $0.position) }
    for (date, position) in changes.sorted(by: { $0 < $1 }) {
      places.record(whole.place(on: date).place(ofPart: part.letters.value(at: date) ?? ""), from: date, at: position)
    }
    measures[id]?.places = places
    giveCodes(to: id)
  }

  /// Notes with each of its codes that the measure is one of those that have it.
  private mutating func giveCodes(to id: MeasureID) {
    for code in measures[id]?.places.entries.map(\.value.code) ?? [] {
      let holders = measuresByCode[code] ?? []
      if !holders.contains(id) { measuresByCode[code] = holders + [id] }
    }
  }

  private func index(of version: EntityID?) -> Int { versions.firstIndex { $0.id == version } ?? -1 }
}

extension Measure.Place {
  /// Where a part of what stands here stands.
  package func place(ofPart part: String) -> Self {
    Self(taskField: taskField, numeral: numeral, part: part, code: "\(code).\(part)")
  }
}
