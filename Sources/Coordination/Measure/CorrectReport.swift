public import EventSourcing

/// Corrects a report (Berichtigung, §12): the correction points at the old report, which stays readable.
///
/// What is not given stays as it was reported. The corrected values hold from the day that the report was about, so
/// they show there, and not in what was known before the correction. A measure that began with the report begins there.
public struct CorrectReport: PlanCommand {
  public static let name = "correct-report"
  public static let summary = LocalizedText(de: "Meldung berichtigen", en: "Correct a report")
  public static let roles: Set<Role> = [.coordinator, .lead, .contributor]
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [ReportCorrected.self]
  public static let record = Record(
    Self.init(measure:report:condition:percent:about:text:reason:),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field(
      "report", \.report, de: "Position der Meldung oder ihrer letzten Berichtigung",
      en: "position of the report or of its last correction"),
    Field("condition", \.condition, de: "richtiger Zustand", en: "the right condition"),
    Field("percent", \.percent, de: "richtiger Prozentwert", en: "the right percentage"),
    Field(
      "about", \.about, de: "richtiger Stichtag; sonst der gemeldete", en: "the right day; as reported unless given"),
    Field("text", \.text, de: "richtige Erläuterung", en: "the right explanation; can be erased later"),
    Field("reason", \.reason, de: "warum berichtigt wird", en: "why it is corrected; can be erased later"))

  public let measure: MeasureReference
  public let report: Int
  public let condition: Slug?
  public let percent: Int?
  public let about: LocalDate?
  public let text: FreeText?
  public let reason: FreeText

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    let wrong = try requireReport(in: measure)
    try requireRight(wrong, plan, context)
    if let correction = wrong.correctedBy {
      throw Refusal(
        .conflict, "already-corrected", field: "report", de: "Diese Meldung ist schon berichtigt.",
        en: "This report has already been corrected.", facts: [.init("correctedBy", .integer(correction.value))])
    }
    if let condition { try plan.requireVersion(of: measure).requireKnown(condition) }
    if let percent { try plan.requirePercent(percent, wrong.part, of: measure) }
    let day = about ?? wrong.effectiveDate
    let start = plan.subjects[measure.id.value]?.start ?? day
    try ensure(
      day >= start,
      Refusal(
        .rule, "before-start", field: "about", de: "Der Stichtag liegt vor dem Beginn der Maßnahme (\(start.german)).",
        en: "The day precedes the start of the measure (\(start.english)).",
        facts: [.init("start", .string(start.description))]))
    if day != wrong.effectiveDate { try requireReportable(wrong, of: measure, on: day, plan) }
    let right = if let condition { condition } else { try Slug(wrong.condition, field: "condition") }
    let isSame = right.text == wrong.condition && (percent ?? wrong.percent) == wrong.percent
    guard !isSame || day != wrong.effectiveDate || text != nil else { return [] }
    return [
      NewEvent(
        measure.subject,
        ReportCorrected(
          report: report, condition: right, percent: percent ?? wrong.percent, about: day, text: Disclosable(text),
          reason: Disclosable(reason)))
    ]
  }

  private func requireReport(in measure: Measure) throws(Refusal) -> Measure.ReportMark {
    guard let index = measure.indexOfReport(at: Position(Int64(report))) else {
      throw .unknown("report", String(report), field: "report", de: "Meldung", en: "report")
    }
    return measure.reports[index]
  }

  /// Another day than the reported one takes what a report about it takes (§11): nobody speaks for a day by correcting
  /// on which it had no say. A contribution stays one, whatever its institution was on that day.
  private func requireReportable(
    _ report: Measure.ReportMark, of measure: Measure, on day: LocalDate, _ plan: Plan
  ) throws(Refusal) {
    if let closing = plan.closing(of: measure.subject), day >= closing { throw .closed(closing, field: "about") }
    let reporter = try plan.require(report.institution.description, field: "report")
    try plan.requireActive(reporter, on: day, field: "about")
    switch report.part {
    case .lead: try plan.requireLead(reporter, of: measure, on: day)
    case .contribution: _ = try plan.reportingPart(of: reporter, in: measure, on: day, field: "about")
    }
    try plan.requireReportable(measure, on: day)
  }

  /// An institution corrects its own reports (§12). The office corrects those that it recorded for one, speaks for the
  /// institution on whose behalf it acts, and for those that are no more.
  private func requireRight(_ report: Measure.ReportMark, _ plan: Plan, _ context: DecisionContext) throws(Refusal) {
    if Set<Role>.office.contains(context.actor.role) {
      let isGone = plan.parties[report.institution]?.isDissolved(on: context.today) == true
      if report.isRelayed || isGone || context.onBehalfOf == report.institution.value { return }
    }
    let own = context.actor.institution.flatMap { plan.party($0) }
    try ensure(
      own?.id == report.institution,
      Refusal(
        .forbidden, "not-yours", field: "report", de: "Berichtigen darf, wer gemeldet hat.",
        en: "Only who reported it may correct it."))
  }
}
