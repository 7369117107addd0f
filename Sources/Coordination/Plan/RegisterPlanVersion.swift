public import EventSourcing

/// Registers a version of the plan (Planfassung) with its term and the rules that are data.
public struct RegisterPlanVersion: PlanVersionCommand {
  public static let name = "register-plan-version"
  public static let summary = LocalizedText(de: "Planfassung anlegen", en: "Register a plan version")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [PlanVersionRegistered.self]

  public static let defaultConditions = ["on-track", "at-risk", "off-track", "not-assessed"]

  public let terms: PlanVersionTerms

  public init(terms: PlanVersionTerms) { self.terms = terms }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    // What holds now is read from the newest version; a further one that began earlier would take its place.
    if let last = plan.versions.last {
      try ensure(
        terms.from >= last.from,
        Refusal(
          .rule, "version-not-later", field: "from",
          de: "Eine weitere Fassung beginnt nicht vor der Fassung \(last.slug) (\(last.from.german)).",
          en: "A further version does not begin before the version \(last.slug) (\(last.from.english)).",
          facts: [.init("version", .string(last.slug)), .init("from", .string(last.from.description))]))
    }
    return [NewEvent(plan.subject, try terms.registered(in: plan, &context))]
  }
}

/// What there is to say about a new version, whether it is the first or continues another.
public struct PlanVersionTerms: Sendable {
  public var id: Identifier<PlanVersion>?
  public var slug: Slug
  public var title: Label
  public var from: LocalDate
  public var until: LocalDate
  public var timeZone: Label?
  public var leadCap: Int?
  public var conditions: [Slug]
  public var ladder: [LadderLevel]
  public var resolutionDate: LocalDate?
  public var resolutionBody: Slug?
  public var source: [Citation]
}

/// A command that begins a version.
public protocol PlanVersionCommand: PlanCommand {
  var terms: PlanVersionTerms { get }
  init(terms: PlanVersionTerms)
}

extension PlanVersionCommand {
  public static var record: Record<Self> {
    .shared {
      Record(
        {
          Self(
            terms: PlanVersionTerms(
              id: $0, slug: $1, title: $2, from: $3, until: $4, timeZone: $5, leadCap: $6, conditions: $7, ladder: $8,
              resolutionDate: $9, resolutionBody: $10, source: $11))
        },
        Field("id", \.terms.id),
        Field("slug", \.terms.slug, de: "Kurzname, z. B. 2018-2021", en: "short name such as 2018-2021"),
        Field("title", \.terms.title),
        Field("from", \.terms.from, de: "Beginn der Laufzeit", en: "first day of the term"),
        Field("until", \.terms.until, de: "Ende der Laufzeit", en: "last day of the term"),
        Field("timeZone", \.terms.timeZone, de: "Zeitzone (IANA)", en: "IANA time zone, Europe/Berlin unless given"),
        Field(
          "leadCap", \.terms.leadCap, de: "Höchstzahl Federführungen je Phase",
          en: "leads allowed per measure and phase"),
        Field("conditions", \.terms.conditions, de: "Zustände, bester zuerst", en: "conditions, best first"),
        Field("ladder", \.terms.ladder, de: "Eskalationsstufen in Reihenfolge", en: "escalation levels in order"),
        Field("resolutionDate", \.terms.resolutionDate), Field("resolutionBody", \.terms.resolutionBody),
        Field("source", \.terms.source))
    }
  }
}

extension PlanVersionTerms {
  func registered(in plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> PlanVersionRegistered {
    let versionID = id?.value ?? context.newID()
    try ensure(
      !plan.versions.contains { $0.slug == slug.text }, .taken("slug", slug.text, by: "plan version", field: "slug"))
    if let known = plan.versions.first(where: { $0.id == versionID }) {
      throw .taken("id", versionID.description, by: known.slug, field: "id")
    }
    try ensure(
      until >= from,
      Refusal(
        .rule, "end-before-start", field: "until", de: "Das Ende liegt vor dem Beginn.",
        en: "The end precedes the start."))
    try ensure(
      (leadCap ?? 2) >= 1,
      Refusal(
        .rule, "lead-cap-too-small", field: "leadCap", de: "Mindestens eine Federführung.",
        en: "At least one lead must be allowed."))
    let usual = RegisterPlanVersion.defaultConditions.compactMap(Slug.init(normalized:))
    let zone = if let timeZone { timeZone } else { try Label("Europe/Berlin", field: "timeZone") }
    try ensure(
      context.knowsTimeZone(zone.text),
      Refusal(
        .rule, "unknown-time-zone", field: "timeZone",
        de: "Diese Zeitzone ist nicht bekannt; üblich ist Europe/Berlin.",
        en: "There is no such time zone; the usual one is Europe/Berlin.",
        facts: [.init("timeZone", .string(zone.text))]))
    return PlanVersionRegistered(
      version: Identifier(versionID), slug: slug, title: title, from: from, until: until, timeZone: zone,
      leadCap: leadCap ?? 2, conditions: conditions.isEmpty ? usual : conditions, ladder: ladder,
      resolutionDate: resolutionDate, resolutionBody: resolutionBody, source: source)
  }
}
