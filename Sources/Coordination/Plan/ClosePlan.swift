public import EventSourcing

/// Closes a version of the plan (Abschluss): from that day on it only takes corrections, links and what carries it on
/// (§8).
public struct ClosePlan: PlanCommand {
  public static let name = "close-plan"
  public static let summary = LocalizedText(de: "Plan abschließen", en: "Close the plan")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [PlanClosed.self]
  public static let record = Record(
    Self.init(version:date:reason:),
    Field(
      "version", \.version, de: "Planfassung; sonst die laufende", en: "plan version; the current one unless given"),
    Field(
      "date", \.date, de: "erster Tag, an dem sie abgeschlossen ist; sonst das Wirkdatum",
      en: "first day on which it is closed; the effective date unless given"), Field("reason", \.reason, de: "Grund"))

  public let version: Slug?
  public let date: LocalDate?
  public let reason: FreeText

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let version = try plan.requireVersion(version)
    try version.requireOpen()
    let date = date ?? context.effectiveDate
    try ensure(
      date >= version.from,
      Refusal(
        .rule, "end-before-start", field: "date", de: "Das Ende liegt vor dem Beginn (\(version.from.german)).",
        en: "The end precedes the start (\(version.from.english)).",
        facts: [.init("from", .string(version.from.description))]))
    return [
      NewEvent(
        plan.subject, PlanClosed(version: Identifier(version.id), date: date, reason: Disclosable(reason)))
    ]
  }
}

extension Plan {
  /// From which day a subject is closed: a measure with its own version, everything else with the current one.
  func closing(of subject: Subject? = nil) -> LocalDate? {
    // Nearly always nothing is closed, and this is asked of every command.
    guard versions.contains(where: { $0.closedOn != nil }) else { return nil }
    guard let subject, let measure = measure(concernedBy: subject) else { return currentVersion?.closedOn }
    return versions.first { $0.id == measure.version }?.closedOn
  }

  /// The measure itself, or the one that an issue is about.
  private func measure(concernedBy subject: Subject) -> Measure? {
    measures[MeasureID(subject.id)] ?? issues[IssueID(subject.id)]?.measure.flatMap { measures[$0] }
  }
}

extension PlanVersion {
  /// Neither closed nor announced to be.
  func requireOpen() throws(Refusal) {
    if let closedOn { throw .closed(closedOn) }
  }
}

extension Refusal {
  static func closed(_ date: LocalDate, field: String? = nil) -> Refusal {
    Refusal(
      .conflict, "plan-closed", field: field, de: "Der Plan ist seit \(date.german) abgeschlossen.",
      en: "The plan is closed as of \(date.english).", facts: [.init("closed", .string(date.description))])
  }
}
