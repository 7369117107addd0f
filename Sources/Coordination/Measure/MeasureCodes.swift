public import EventSourcing

/// Codes name measures for people and may change; an old code keeps naming its measure until another one is given it.
extension Plan {
  /// The measure that a reference names once everything recorded has taken effect.
  public func measure(_ reference: String) -> Measure? {
    known(reference, on: LocalDate(daysSinceEpoch: .max))
  }

  /// The measure that a reference names on a day. What continues another measure is known by the other before it
  /// begins.
  public func measure(_ reference: String, on date: LocalDate) -> Measure? {
    guard var measure = known(reference, on: date) else { return nil }
    while !hasBegun(measure.id, by: date), let earlier = measure.predecessor.flatMap({ measures[$0] }) {
      measure = earlier
    }
    return measure
  }

  /// The measure of a command, by what it is called on the day from which the command takes effect. Whoever means one
  /// that has not begun by then is told so by the rules, and never given another one.
  func require(_ reference: MeasureReference, field: String, _ context: DecisionContext) throws(Refusal) -> Measure {
    guard let measure = known(reference.text, on: context.effectiveDate) else {
      throw .unknown("measure", reference.text, field: field, de: "Maßnahme", en: "measure")
    }
    return measure
  }

  /// The measure with an id, or the one that has a code on a day, in the latest version that has begun. A code that
  /// nobody has on that day names what had it last, else what will have it first.
  func known(_ reference: String, on date: LocalDate) -> Measure? {
    guard let holders = measuresByCode[reference]?.compactMap({ measures[$0] }) else {
      return EntityID(reference).flatMap { measures[MeasureID($0)] }
    }
    let named = holders.filter { hasBegun($0.id, by: date) && $0.code(on: date) == reference }
    if let latest = named.reversed().max(by: { index(of: $0.version) < index(of: $1.version) }) { return latest }
    let spans = holders.flatMap { measure in measure.spans(ofCode: reference).map { (measure, $0) } }
    let earlier = spans.filter { $0.1.upperBound <= date }.max { $0.1.upperBound < $1.1.upperBound }
    // A code that was given and taken on one day was nobody's on any.
    return (earlier ?? spans.min { $0.1.lowerBound < $1.1.lowerBound })?.0 ?? holders.last
  }

  private func hasBegun(_ id: MeasureID, by date: LocalDate) -> Bool {
    subjects[id.value].map { $0.start <= date } ?? false
  }

  /// Whether a measure is the one that is delivered today: no later version continues it or gave its code away.
  public func isCurrent(_ measure: Measure) -> Bool {
    if let whole = measure.parent.flatMap({ measures[$0] }), whole.parent == nil, !isCurrent(whole) { return false }
    return measure.successor == nil && self.measure(measure.code)?.id == measure.id
  }

  /// Whether a measure is one of the plan's on a day: it had begun, and neither it nor its whole had given way to
  /// another measure that continues it or took over its code.
  public func lists(_ measure: Measure, on date: LocalDate) -> Bool {
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
  public func counts(_ measure: Measure, on date: LocalDate) -> Bool {
    if let whole = measure.parent.flatMap({ measures[$0] }), whole.parent == nil, !counts(whole, on: date) {
      return false
    }
    return lists(measure, on: date) && state(of: measure, on: date) != .discontinued
  }

  /// The parts of a measure that are there on a day.
  public func parts(of measure: Measure, on date: LocalDate) -> [Measure] {
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
    let holder = measuresByCode[code]?.compactMap { measures[$0] }.first { measure in
      guard measure.version == version, measure.id != claimant else { return false }
      return measure.code(on: date) == code
        || measure.places.entries.contains { $0.effectiveDate > date && $0.value.code == code }
    }
    if let holder { throw .taken("code", code, by: holder.id.description, field: field) }
  }

  /// A part's letter is its own in its whole at any time, wherever the whole stands (§6).
  func requireFreeLetter(
    _ letter: Label, in whole: Measure, from date: LocalDate, for claimant: MeasureID? = nil, field: String
  ) throws(Refusal) {
    let holder = whole.parts.compactMap { measures[$0] }.first { part in
      part.id != claimant
        && (part.place(on: date).part == letter.text
          || part.places.entries.contains { $0.effectiveDate > date && $0.value.part == letter.text })
    }
    guard let holder else { return }
    throw .taken("code", "\(whole.code(on: date)).\(letter)", by: holder.id.description, field: field)
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
    let changes =
      part.letters.entries.map { ($0.effectiveDate, $0.position) }
      + whole.places.entries.map { (max($0.effectiveDate, start), $0.position) }
    measures[id]?.places = Timeline(
      changes.sorted { $0 < $1 }.map { date, position in
        (date, position, whole.place(on: date).place(ofPart: part.letters.value(at: date) ?? ""))
      }, recordCount: part.letters.recordCount + whole.places.recordCount)
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
  public func place(ofPart part: String) -> Self {
    Self(taskField: taskField, numeral: numeral, part: part, code: "\(code).\(part)")
  }
}

extension Measure {
  /// From when until when it had a code; one that it keeps has no end that any day reaches.
  fileprivate func spans(ofCode code: String) -> [Range<LocalDate>] {
    places.entries.indices.filter { places.entries[$0].value.code == code }.map { index in
      let next = index + 1 < places.entries.count ? places.entries[index + 1].effectiveDate : nil
      return places.entries[index].effectiveDate..<(next ?? LocalDate(daysSinceEpoch: .max))
    }
  }
}
