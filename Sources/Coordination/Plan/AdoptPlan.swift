public import EventSourcing

/// Records the resolution that adopts a version of the plan (§37). Until then it is a draft.
public struct AdoptPlan: PlanCommand {
  public static let name = "adopt-plan"
  public static let summary = LocalizedText(de: "Beschluss des Plans festhalten", en: "Record the plan's adoption")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [PlanAdopted.self]
  public static let record = Record(
    Self.init(version:resolution:date:body:source:),
    Field(
      "version", \.version, de: "Planfassung; sonst die laufende", en: "plan version; the current one unless given"),
    Field("resolution", \.resolution, de: "Aktenzeichen des Beschlusses", en: "what to cite the resolution by"),
    Field("date", \.date, de: "Tag des Beschlusses", en: "day of the resolution"),
    Field("body", \.body, de: "beschließendes Gremium", en: "body that resolved it"), Field("source", \.source))

  public let version: Slug?
  public let resolution: Label?
  public let date: LocalDate
  public let body: Slug
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let version = try plan.requireVersion(version)
    try version.requireOpen()
    if let adopted = version.resolutionDate {
      throw Refusal(
        .conflict, "already-adopted", field: "version", de: "Die Fassung \(version.slug) ist schon beschlossen.",
        en: "The version \(version.slug) has already been adopted.",
        facts: [.init("version", .string(version.slug)), .init("date", .string(adopted.description))])
    }
    guard let resolution else {
      throw Refusal(
        .rule, "resolution-missing", field: "resolution", de: "Ein Beschluss braucht ein Aktenzeichen.",
        en: "An adoption needs the reference of its resolution.")
    }
    try ensure(
      date <= context.today,
      Refusal(
        .rule, "resolution-in-future", field: "date", de: "Der Beschluss liegt in der Zukunft.",
        en: "The resolution lies in the future."))
    try plan.requireCited(source)
    return [
      NewEvent(
        plan.subject,
        PlanAdopted(
          version: Identifier(version.id), resolution: resolution, date: date, body: body, source: source))
    ]
  }
}

extension Plan {
  /// What an adopted plan says changes only with a reason and a source; drafts are free (§37).
  func requireGrounds(
    _ reason: FreeText?, _ source: [Citation], toChange subject: Subject, _ context: DecisionContext
  ) throws(Refusal) {
    try requireCited(source)
    guard let adopted = adoption(of: subject), adopted <= max(context.today, context.effectiveDate) else { return }
    let facts: [JSON.Member] = [.init("adopted", .string(adopted.description))]
    try ensure(
      reason != nil,
      Refusal(
        .rule, "reason-needed", field: "reason", de: "Der Plan ist beschlossen; Änderungen brauchen einen Grund.",
        en: "The plan is adopted; a change needs a reason.", facts: facts))
    try ensure(
      !source.isEmpty,
      Refusal(
        .rule, "source-needed", field: "source", de: "Der Plan ist beschlossen; Änderungen brauchen eine Quelle.",
        en: "The plan is adopted; a change needs a source.", facts: facts))
  }

  /// When what is said about a subject was adopted: a measure with its own version, what all versions share with the
  /// first.
  func adoption(of subject: Subject) -> LocalDate? {
    guard let measure = measures[MeasureID(subject.id)] else { return versions.compactMap(\.resolutionDate).min() }
    return versions.first { $0.id == measure.version }?.resolutionDate
  }
}
