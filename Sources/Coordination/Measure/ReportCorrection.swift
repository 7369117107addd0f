public import EventSourcing

public struct ReportCorrected: PlanFact {
  public static let type = "org.federwerk.measure.report-corrected.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(report:condition:percent:about:text:reason:), Field("report", \.report), Field("condition", \.condition),
    Field("percent", \.percent), Field("about", \.about), Field("text", \.text), Field("reason", \.reason))

  /// The position of the report or correction that this one replaces.
  public let report: Int
  public let condition: Slug
  public let percent: Int?
  /// The day that the report is about.
  public let about: LocalDate
  public let text: Disclosable
  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.apply(self, record)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let measure = plan.measures[MeasureID(record.subject.id)]
    let who = measure?.indexOfReport(at: record.position).flatMap { measure?.reports[$0].institution }
    let (german, english) =
      who.map { (" von \(plan.name(of: $0, record))", " by \(plan.name(of: $0, record))") } ?? ("", "")
    let code = plan.name(of: record)
    let said = plan.wording(of: condition) + (percent.map { ", \($0) %" } ?? "")
    return LocalizedText(
      de: "Die Meldung\(german) für \(code) zum \(about.german) wird berichtigt: \(said.german).",
      en: "The report\(english) on \(code) as of \(about.english) is corrected: \(said.english).")
  }
}

extension Measure {
  /// Where in `reports` the one of a position stands.
  public func indexOfReport(at position: Position) -> Int? {
    // They are in the order of the log.
    var (low, high) = (reports.startIndex, reports.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if reports[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low < reports.endIndex && reports[low].position == position ? low : nil
  }

  fileprivate mutating func apply(_ correction: ReportCorrected, _ record: EventRecord) {
    guard let index = indexOfReport(at: Position(Int64(correction.report))) else { return }
    let wrong = reports[index]
    reports[index].correctedBy = record.position
    reports.append(
      ReportMark(
        position: record.position, origin: wrong.origin, institution: wrong.institution, isRelayed: wrong.isRelayed,
        part: wrong.part, condition: correction.condition.text, percent: correction.percent,
        effectiveDate: correction.about))
    guard wrong.part == .lead else { return }
    let valid = reports.filter { $0.part == .lead && $0.correctedBy == nil }.sorted {
      ($0.effectiveDate, $0.origin) < ($1.effectiveDate, $1.origin)
    }
    lastReports = valid.suffix(2)
    for day in Set([wrong.effectiveDate, correction.about]) { settle(day, valid.filter { $0.effectiveDate == day }) }
    if correction.about != wrong.effectiveDate { moveStart(of: wrong, to: correction.about, valid, record) }
  }

  /// A measure runs from its first report on: from the right day, and no longer from a wrong one.
  ///
  /// Where its state changed again between the two days, what did so rests on the start that was reported, which stays.
  private mutating func moveStart(
    of wrong: ReportMark, to day: LocalDate, _ valid: [ReportMark], _ record: EventRecord
  ) {
    advance(.start, from: day, at: record.position)
    let (first, last) = (min(wrong.effectiveDate, day), max(wrong.effectiveDate, day))
    let between = states.entries.filter { first < $0.effectiveDate && $0.effectiveDate <= last }
    guard between.allSatisfy({ $0.effectiveDate == wrong.effectiveDate }),
      states.entry(at: wrong.effectiveDate)?.position == wrong.position
    else { return }
    switch states.entries.last(where: { $0.effectiveDate < wrong.effectiveDate })?.value {
    case .admitted, .planned, .running: states.remove(on: wrong.effectiveDate)
    // The start took the place of what the same day had brought, its beginning or its return from another programme.
    default: states.record(.planned, from: wrong.effectiveDate, at: record.position)
    }
    // Others may have said since that it runs.
    let starts = valid.map { ($0.effectiveDate, $0.position) } + phases.map { ($0.from, $0.events[0]) }
    for (date, position) in starts.sorted(by: { $0 < $1 }) where date >= wrong.effectiveDate {
      advance(.start, from: date, at: position)
    }
  }

  /// Makes the condition and percentage of a day those of the last report about it, where corrections stand in the
  /// place of what they correct: that of a report which another one had followed the same day changes nothing.
  private mutating func settle(_ day: LocalDate, _ marks: [ReportMark]) {
    conditions.remove(on: day)
    percents.remove(on: day)
    if let mark = marks.last { conditions.record(mark.condition, from: day, at: mark.position) }
    if let mark = marks.last(where: { $0.percent != nil }) {
      percents.record(mark.percent, from: day, at: mark.position)
    }
  }
}
