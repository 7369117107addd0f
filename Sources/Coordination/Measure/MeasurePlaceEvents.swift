package import EventSourcing

package struct MeasureMoved: PlanFact {
  package static let type = "org.federwerk.measure.moved.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(taskField:numeral:code:reason:source:), Field("taskField", \.taskField), Field("numeral", \.numeral),
    Field("code", \.code), Field("reason", \.reason), Field("source", \.source))

  package let taskField: Identifier<TaskField>
  package let numeral: Numeral
  package let code: Label
  package let reason: Disclosable
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.place(
      MeasureID(record.subject.id),
      at: Measure.Place(taskField: taskField.value, numeral: numeral, part: nil, code: code.text), record)
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let title = plan.quotedTitle(of: record)
    return LocalizedText(
      de:
        "Die Maßnahme \(title.german) wurde nach \(plan.name(of: taskField, record)) umgehängt und heißt jetzt \(code).",
      en: "The measure \(title.english) moved to \(plan.name(of: taskField, record)) and now is \(code).")
  }
}

package struct MeasureRenumbered: PlanFact {
  package static let type = "org.federwerk.measure.renumbered.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(numeral:part:code:reason:source:), Field("numeral", \.numeral), Field("part", \.part),
    Field("code", \.code), Field("reason", \.reason), Field("source", \.source))

  package let numeral: Numeral
  /// Of a sub-measure.
  package let part: Label?
  package let code: Label
  package let reason: Disclosable
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    guard let measure = plan.measures[id] else { return }
    let taskField = measure.place(on: record.effectiveDate).taskField
    plan.place(
      id, at: Measure.Place(taskField: taskField, numeral: numeral, part: part?.text, code: code.text), record)
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let title = plan.quotedTitle(of: record)
    return LocalizedText(
      de: "Die Maßnahme \(title.german) wurde umnummeriert und heißt jetzt \(code).",
      en: "The measure \(title.english) was renumbered and now is \(code).")
  }
}

package struct MeasureCarriedOver: PlanFact {
  package static let type = "org.federwerk.measure.carried-over.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(predecessor:version:taskField:parent:numeral:part:code:source:), Field("predecessor", \.predecessor),
    Field("version", \.version), Field("taskField", \.taskField), Field("parent", \.parent),
    Field("numeral", \.numeral), Field("part", \.part), Field("code", \.code), Field("source", \.source))

  /// The measure that the subject continues.
  package let predecessor: MeasureID
  package let version: Identifier<PlanVersion>
  package let taskField: Identifier<TaskField>
  /// For a part: the measure, carried over too, that it is a part of.
  package let parent: MeasureID?
  package let numeral: Numeral
  package let part: Label?
  package let code: Label
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    guard let old = plan.measures[predecessor], old.id != id else { return }
    let state: Measure.State = old.external == nil ? .planned : .external
    let place = Measure.Place(taskField: taskField.value, numeral: numeral, part: part?.text, code: code.text)
    var measure = Measure(
      id: id, parent: parent, places: Timeline(place, from: record.effectiveDate, at: record.position),
      letters: part.map { Timeline($0.text, from: record.effectiveDate, at: record.position) } ?? Timeline(),
      titles: Timeline(old.titles.last ?? "", from: record.effectiveDate, at: record.position), kind: old.kind,
      horizon: old.horizon, deliverables: old.deliverables, note: old.note,
      source: source.isEmpty ? old.source : source,
      states: Timeline(state, from: record.effectiveDate, at: record.position), version: version.value)
    measure.predecessor = predecessor
    // Another programme's id names one measure of the plan, from now on the one that continues it.
    measure.externals = old.externals.filter { $0.until == nil }
    if let external = old.external { plan.measuresByExternalID["\(external.programme)/\(external.externalID)"] = id }
    plan.add(measure)
    plan.measures[predecessor]?.successor = id
    if let parent { plan.measures[parent]?.parts.append(id) }
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let old = plan.name(of: predecessor, record)
    let version = plan.name(of: version, record)
    return LocalizedText(
      de: "Die Maßnahme \(old) wurde als \(code) in die Fassung \(version) übernommen.",
      en: "The measure \(old) was carried over into the version \(version) as \(code).")
  }
}
