public import EventSourcing

public struct MeasureAdded: PlanFact {
  public static let type = "org.federwerk.measure.added.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(taskField:numeral:code:title:kind:horizon:deliverables:note:source:),
    Field("taskField", \.taskField), Field("numeral", \.numeral), Field("code", \.code), Field("title", \.title),
    Field("kind", \.kind), Field("horizon", \.horizon), Field("deliverables", \.deliverables),
    Field("note", \.note, circle: .partners),
    Field("source", \.source))

  public let taskField: Identifier<TaskField>
  public let numeral: Numeral
  public let code: Label
  public let title: Label
  public let kind: Measure.Kind
  public let horizon: Label?
  public let deliverables: [Label]
  public let note: Label?
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    let place = Measure.Place(taskField: taskField.value, numeral: numeral, part: nil, code: code.text)
    plan.add(
      Measure(
        id: id, parent: nil, places: Timeline(place, from: record.effectiveDate, at: record.position),
        titles: Timeline(title.text, from: record.effectiveDate, at: record.position), kind: kind,
        horizon: horizon?.text, deliverables: deliverables.map(\.text), note: note?.text, source: source,
        states: Timeline(.planned, from: record.effectiveDate, at: record.position), version: plan.currentVersion?.id))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Die Maßnahme \(code) „\(title)“ wurde angelegt.", en: "The measure \(code), “\(title)”, was added.")
  }
}

public struct SubMeasureAdded: PlanFact {
  public static let type = "org.federwerk.measure.sub-measure-added.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(parent:part:code:title:kind:note:source:), Field("parent", \.parent), Field("part", \.part),
    Field("code", \.code), Field("title", \.title), Field("kind", \.kind), Field("note", \.note, circle: .partners),
    Field("source", \.source))

  public let parent: MeasureID
  public let part: Label
  public let code: Label
  public let title: Label
  public let kind: Measure.Kind
  public let note: Label?
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let whole = plan.measures[parent] else { return }
    let id = MeasureID(record.subject.id)
    let place = whole.place(on: record.effectiveDate).place(ofPart: part.text)
    plan.add(
      Measure(
        id: id, parent: parent, places: Timeline(place, from: record.effectiveDate, at: record.position),
        letters: Timeline(part.text, from: record.effectiveDate, at: record.position),
        titles: Timeline(title.text, from: record.effectiveDate, at: record.position), kind: kind, horizon: nil,
        deliverables: [], note: note?.text, source: source,
        states: Timeline(.planned, from: record.effectiveDate, at: record.position), version: whole.version))
    plan.measures[parent]?.parts.append(id)
    plan.placePart(id)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Die Teilmaßnahme \(code) „\(title)“ wurde angelegt.", en: "The sub-measure \(code), “\(title)”, was added.")
  }
}

public struct ProgressReported: PlanFact {
  public static let type = "org.federwerk.measure.progress-reported.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(institution:part:condition:percent:text:), Field("institution", \.institution), Field("part", \.part),
    Field("condition", \.condition), Field("percent", \.percent), Field("text", \.text))

  /// Whose report it is.
  public enum Part: String, ChoiceFieldValue {
    /// Of a lead: it sets the measure's condition and percentage.
    case lead
    /// Of a contributor: its own part only, beside the lead's.
    case contribution
  }

  public let institution: PartyID
  public let part: Part
  public let condition: Slug
  public let percent: Int?
  public let text: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    // In place: a copy of the measure would copy every list in it.
    plan.measures[MeasureID(record.subject.id)]?.apply(self, record)
  }
}

extension Measure {
  fileprivate mutating func apply(_ report: ProgressReported, _ record: EventRecord) {
    reportCount += 1
    let mark = ReportMark(
      position: record.position, origin: record.position, institution: report.institution,
      isRelayed: record.onBehalfOf?.id != report.institution.value, part: report.part,
      condition: report.condition.text, percent: report.percent, effectiveDate: record.effectiveDate)
    reports.append(mark)
    guard report.part == .lead else { return }
    conditions.record(report.condition.text, from: record.effectiveDate, at: record.position)
    if let percent = report.percent { percents.record(percent, from: record.effectiveDate, at: record.position) }
    advance(.start, record)
    keepIfLatest(mark)
  }

  private mutating func keepIfLatest(_ mark: ReportMark) {
    let index = lastReports.lastIndex { $0.effectiveDate <= mark.effectiveDate }.map { $0 + 1 } ?? 0
    lastReports.insert(mark, at: index)
    if lastReports.count > 2 { lastReports.removeFirst() }
  }
}

extension ProgressReported {
  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (who, measure) = (plan.name(of: institution, record), plan.name(of: record))
    let said = plan.wording(of: condition) + (percent.map { ", \($0) %" } ?? "")
    let day = record.effectiveDate
    return part == .lead
      ? LocalizedText(
        de: "\(who) meldet für \(measure) zum \(day.german): \(said.german).",
        en: "\(who) reports \(measure) as of \(day.english): \(said.english).")
      : LocalizedText(
        de: "\(who) meldet den eigenen Beitrag zu \(measure) zum \(day.german): \(said.german).",
        en: "\(who) reports its own part of \(measure) as of \(day.english): \(said.english).")
  }
}
