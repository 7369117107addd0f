public import EventSourcing

public struct MeasureMoved: PlanFact {
  public static let type = "org.federwerk.measure.moved.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(taskField:numeral:code:reason:source:), Field("taskField", \.taskField), Field("numeral", \.numeral),
    Field("code", \.code), Field("reason", \.reason), Field("source", \.source))

  public let taskField: Identifier<TaskField>
  public let numeral: Numeral
  public let code: Label
  public let reason: Disclosable
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.place(
      MeasureID(record.subject.id),
      at: Measure.Place(taskField: taskField.value, numeral: numeral, part: nil, code: code.text), record)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let title = plan.quotedTitle(of: record)
    return LocalizedText(
      de:
        "Die Maßnahme \(title.german) wurde nach \(plan.name(of: taskField, record)) umgehängt und heißt jetzt \(code).",
      en: "The measure \(title.english) moved to \(plan.name(of: taskField, record)) and now is \(code).")
  }
}

public struct MeasureRenumbered: PlanFact {
  public static let type = "org.federwerk.measure.renumbered.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(numeral:part:code:reason:source:), Field("numeral", \.numeral), Field("part", \.part),
    Field("code", \.code), Field("reason", \.reason), Field("source", \.source))

  public let numeral: Numeral
  /// Of a sub-measure.
  public let part: Label?
  public let code: Label
  public let reason: Disclosable
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    guard let measure = plan.measures[id] else { return }
    let taskField = measure.place(on: record.effectiveDate).taskField
    plan.place(
      id, at: Measure.Place(taskField: taskField, numeral: numeral, part: part?.text, code: code.text), record)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let title = plan.quotedTitle(of: record)
    return LocalizedText(
      de: "Die Maßnahme \(title.german) wurde umnummeriert und heißt jetzt \(code).",
      en: "The measure \(title.english) was renumbered and now is \(code).")
  }
}

public struct MeasureCarriedOver: PlanFact {
  public static let type = "org.federwerk.measure.carried-over.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(predecessor:version:taskField:parent:numeral:part:code:source:), Field("predecessor", \.predecessor),
    Field("version", \.version), Field("taskField", \.taskField), Field("parent", \.parent),
    Field("numeral", \.numeral), Field("part", \.part), Field("code", \.code), Field("source", \.source))

  /// The measure that the subject continues.
  public let predecessor: MeasureID
  public let version: Identifier<PlanVersion>
  public let taskField: Identifier<TaskField>
  /// For a part: the measure, carried over too, that it is a part of.
  public let parent: MeasureID?
  public let numeral: Numeral
  public let part: Label?
  public let code: Label
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
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
    // Another programme's id names one measure of the plan, from its beginning on the one that continues it.
    measure.externals = old.externals.filter { $0.until == nil }
    for external in measure.externals { plan.giveExternalID(external.key, to: id) }
    plan.add(measure)
    plan.measures[predecessor]?.successor = id
    if let parent { plan.measures[parent]?.parts.append(id) }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let old = plan.name(of: predecessor, record)
    let version = plan.name(of: version, record)
    return LocalizedText(
      de: "Die Maßnahme \(old) wurde als \(code) in die Fassung \(version) übernommen.",
      en: "The measure \(old) was carried over into the version \(version) as \(code).")
  }
}
