public import EventSourcing

/// Takes over what another programme says of a measure that it leads (§28). The source system keeps the authority: the
/// status has its own id and date there, and an older one never becomes the current one.
public struct RecordExternalStatus: PlanCommand {
  public static let name = "record-external-status"
  public static let summary = LocalizedText(de: "Externen Stand übernehmen", en: "Record an external status")
  public static let roles: Set<Role> = [.coordinator, .partner, .system]
  public static let facts: [any PlanFact.Type] = [ExternalStatusRecorded.self]
  public static let record = Record(
    Self.init(programme:externalID:statusID:status:percent:date:),
    Field("programme", \.programme, de: "Kurzname des Programms", en: "slug of the programme"),
    Field("externalID", \.externalID, de: "Nummer der Maßnahme dort", en: "the measure's id there"),
    Field("statusID", \.statusID, de: "Kennung des Stands dort", en: "the id of the status there"),
    Field("status", \.status, de: "Stand in den Worten des Programms", en: "status in the programme's own words"),
    Field("percent", \.percent, de: "0 bis 100", en: "0 to 100"),
    Field("date", \.date, de: "Datum des Stands dort", en: "the date of the status there"))

  public let programme: Slug
  public let externalID: Label
  public let statusID: Label
  public let status: Label
  public let percent: Int?
  public let date: LocalDate

  public init(
    programme: Slug, externalID: Label, statusID: Label, status: Label, percent: Int?, date: LocalDate
  ) {
    self.programme = programme
    self.externalID = externalID
    self.statusID = statusID
    self.status = status
    self.percent = percent
    self.date = date
  }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    _ = try plan.requireStrategy(programme, field: "programme")
    if context.actor.role == .partner { try plan.requireReporter(context.actor, for: programme) }
    let key = ExternalReference.key(programme.text, externalID.text)
    guard let measure = plan.measure(linkedAs: key, on: context.today),
      let external = measure.externals.last(where: { $0.key == key && $0.isOpen(on: context.today) })
    else {
      throw .unknown("external-measure", key, field: "externalID", de: "externe Maßnahme", en: "external measure")
    }
    if let percent { try plan.requirePercent(percent, .contribution, of: measure) }
    try ensure(date <= context.today, .futureDate(date, field: "date"))
    let new = ExternalStatus(id: statusID.text, status: status.text, percent: percent, date: date)
    if let known = external.received[new.id] {
      // Sent again after a lost answer.
      if known == new { return [] }
      throw .taken("status-id", new.id, by: "\(measure.code) \(known.date)", field: "statusID")
    }
    return [
      NewEvent(
        measure.subject,
        ExternalStatusRecorded(
          programme: programme, externalID: externalID, statusID: statusID, status: status, percent: percent,
          date: date))
    ]
  }
}

extension Plan {
  /// A partner system reports only for programmes that are its own, and not while it is suspended.
  fileprivate func requireReporter(_ actor: PlanActor, for programme: Slug) throws(Refusal) {
    guard let partner = actor.partner.flatMap({ self.partner($0) }) else { throw .unregisteredPartner }
    try ensure(!partner.isSuspended, .suspendedPartner)
    try ensure(
      partner.programmes.contains(programme.text),
      Refusal(
        .forbidden, "foreign-programme", field: "programme", de: "Das Fachverfahren meldet nicht für dieses Programm.",
        en: "The partner system does not report for this programme.",
        facts: [.init("programmes", .array(partner.programmes.map { .string($0) }))]))
  }
}

extension Refusal {
  public static let unregisteredPartner = Refusal(
    .forbidden, "unregistered-partner", de: "Dieses Fachverfahren ist im Plan nicht angelegt.",
    en: "The token names no partner system that is registered in this plan.")

  public static let suspendedPartner = Refusal(
    .forbidden, "partner-suspended", de: "Das Fachverfahren ist gesperrt.", en: "The partner system is suspended.")
}
