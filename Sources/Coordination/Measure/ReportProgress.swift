public import EventSourcing

/// Reports how a measure goes (Umsetzungsstand, §11).
///
/// A lead's report sets the condition of the measure; a contributor's stands beside it as its own part.
public struct ReportProgress: PlanCommand {
  public static let name = "report-progress"
  public static let summary = LocalizedText(de: "Umsetzungsstand melden", en: "Report progress")
  public static let roles: Set<Role> = [.coordinator, .lead, .contributor]
  public static let facts: [any PlanFact.Type] = [ProgressReported.self]
  public static let record = Record(
    Self.init(measure:institution:condition:percent:text:),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field(
      "institution", \.institution, de: "berichtende Institution; sonst die eigene",
      en: "reporting institution; your own unless given"),
    Field(
      "condition", \.condition, de: "Zustand: on-track, at-risk, off-track, not-assessed",
      en: "on-track, at-risk, off-track or not-assessed, unless the plan says otherwise"),
    Field("percent", \.percent, de: "0 bis 100", en: "0 to 100"),
    Field("text", \.text, de: "Erläuterung", en: "explanation; can be erased later"))

  public let measure: MeasureReference
  public let institution: PartyReference?
  public let condition: Slug
  public let percent: Int?
  public let text: FreeText?

  public init(
    measure: MeasureReference, institution: PartyReference?, condition: Slug, percent: Int?, text: FreeText?
  ) {
    self.measure = measure
    self.institution = institution
    self.condition = condition
    self.percent = percent
    self.text = text
  }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    let version = try plan.requireVersion(of: measure)
    let reporter = try plan.actingInstitution(institution, context)
    let part = try plan.reportingPart(of: reporter, in: measure, on: context.effectiveDate)
    try plan.requireReportable(measure, on: context.effectiveDate)
    try version.requireKnown(condition)
    if let percent { try plan.requirePercent(percent, part, of: measure) }
    if part == .lead, text == nil { try requireNoExplanation(measure, version, on: context.effectiveDate) }
    return [
      NewEvent(
        measure.subject,
        ProgressReported(
          institution: reporter.id, part: part, condition: condition, percent: percent, text: Disclosable(text)))
    ]
  }

  /// A text is needed when the condition or the percentage is worse than what was assessed last, or a condition and
  /// percentage stay the same for a third report. A late report is compared with what held on its day, not with today.
  private func requireNoExplanation(_ measure: Measure, _ version: PlanVersion, on date: LocalDate) throws(Refusal) {
    // Saying nothing of a condition in between makes a worse one no better.
    let known = measure.conditions.entries.filter { $0.effectiveDate <= date }
    let assessed = known.last { $0.value != "not-assessed" }
    guard let before = (assessed ?? known.last)?.value else { return }
    func refuse(_ code: String, de german: String, en english: String) -> Refusal {
      Refusal(
        .rule, code, field: "text", de: "Bitte erläutern: \(german).", en: "An explanation is needed: \(english).",
        facts: [.init("before", .string(before)), .init("now", .string(condition.text))])
    }
    let rank = { (condition: String) in version.conditions.firstIndex(of: condition) ?? 0 }
    let isAssessed = condition.text != "not-assessed" && before != "not-assessed"
    try ensure(
      !(isAssessed && rank(condition.text) > rank(before)),
      refuse("worsening-needs-text", de: "der Zustand verschlechtert sich", en: "the condition worsens"))
    if let percent, let most = measure.percents.value(at: date) ?? nil {
      try ensure(
        percent >= most,
        refuse("falling-percent-needs-text", de: "der Prozentwert sinkt", en: "the percentage falls"))
    }
    let isUnchanged =
      measure.lastReports.count == 2
      && measure.lastReports.allSatisfy {
        $0.condition == condition.text && $0.percent == percent && $0.effectiveDate <= date
      }
    try ensure(
      !isUnchanged,
      refuse(
        "unchanged-needs-text", de: "der Stand ist zum dritten Mal unverändert",
        en: "nothing changed for a third report"))
  }
}

extension PlanVersion {
  /// Refuses a condition that the plan does not have; `not-assessed` is one of every plan.
  func requireKnown(_ condition: Slug) throws(Refusal) {
    try ensure(
      conditions.contains(condition.text) || condition.text == "not-assessed",
      Refusal(
        .rule, "unknown-condition", field: "condition",
        de: "Diesen Zustand kennt der Plan nicht.", en: "The plan has no such condition.",
        facts: [.init("conditions", .array(conditions.map { .string($0) }))]))
  }
}

extension Plan {
  /// Refuses a report on a measure that is led elsewhere, finished (§11), or not yet part of the plan.
  func requireReportable(_ measure: Measure, on date: LocalDate) throws(Refusal) {
    try requireUnfinished(measure, on: date)
    try ensure(
      state(of: measure, on: date) != .proposed,
      .wrongState(.proposed, allowed: [.admitted, .planned, .running, .paused]))
  }

  /// Refuses a percentage that is none, and one that is set by hand where it follows from the parts (§14).
  func requirePercent(_ percent: Int, _ part: ProgressReported.Part, of measure: Measure) throws(Refusal) {
    try ensure(
      (0...100).contains(percent),
      Refusal(
        .rule, "percent-out-of-range", field: "percent",
        de: "Erwartet wird eine ganze Zahl von 0 bis 100.", en: "Expected an integer from 0 to 100.",
        facts: [.init("percent", .integer(Int64(percent)))]))
    try ensure(part == .contribution || measure.parts.isEmpty, .derived(from: measure, in: self, field: "percent"))
  }
}

extension Plan {
  /// On behalf of which institution an actor acts: the one named, which must be its own unless the office acts.
  func actingInstitution(_ named: PartyReference?, _ context: DecisionContext) throws(Refusal) -> Party {
    let isOffice = Set<Role>.office.contains(context.actor.role)
    guard let reference = named?.text ?? context.actor.institution else {
      throw Refusal(
        .malformed, "missing-field", field: "institution", de: "Das Feld fehlt.", en: "The field is missing.")
    }
    let party = try require(reference, field: "institution")
    try requireActive(party, on: context.effectiveDate, field: "institution")
    guard isOffice else {
      let own = context.actor.institution.flatMap { self.party($0) }
      try ensure(
        own?.id == party.id,
        Refusal(
          .forbidden, "other-institution", field: "institution",
          de: "Sie handeln nur für Ihre eigene Institution.", en: "You act for your own institution only."))
      return party
    }
    return party
  }

  func reportingPart(
    of reporter: Party, in measure: Measure, on date: LocalDate, field: String = "institution"
  ) throws(Refusal) -> ProgressReported.Part {
    var part: ProgressReported.Part?
    for assignment in measure.assignments
    where counts(assignment, on: date) && covers(assignment.holder, reporter.id, on: date) {
      switch assignment.role(on: date) {
      case .lead: return .lead
      case .leadPartner, .contributor: part = .contribution
      case .consulted, .unclear: break
      }
    }
    guard let part else {
      throw Refusal(
        .forbidden, "not-assigned", field: field,
        de: "Diese Institution ist der Maßnahme nicht zugeordnet.",
        en: "This institution neither leads nor contributes to the measure on that day.",
        facts: [.init("institution", .string(reporter.slug)), .init("measure", .string(measure.code(on: date)))])
    }
    return part
  }
}
