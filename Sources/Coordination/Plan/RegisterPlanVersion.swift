package import EventSourcing

/// Registers a version of the plan (Planfassung) with its term and the rules that are data.
package struct RegisterPlanVersion: PlanCommand {
  package static let name = "register-plan-version"
  package static let summary = LocalizedText(de: "Planfassung anlegen", en: "Register a plan version")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [PlanVersionRegistered.self]
  package static let record = Record(
    Self.init(id:slug:title:from:until:timeZone:leadCap:conditions:ladder:resolutionDate:resolutionBody:source:),
    Field("id", \.id), Field("slug", \.slug, de: "Kurzname, z. B. 2018-2021", en: "short name such as 2018-2021"),
    Field("title", \.title), Field("from", \.from, de: "Beginn der Laufzeit", en: "first day of the term"),
    Field("until", \.until, de: "Ende der Laufzeit", en: "last day of the term"),
    Field("timeZone", \.timeZone, de: "Zeitzone (IANA)", en: "IANA time zone, Europe/Berlin unless given"),
    Field("leadCap", \.leadCap, de: "Höchstzahl Federführungen je Phase", en: "leads allowed per measure and phase"),
    Field("conditions", \.conditions, de: "Zustände, bester zuerst", en: "conditions, best first"),
    Field("ladder", \.ladder, de: "Eskalationsstufen in Reihenfolge", en: "escalation levels in order"),
    Field("resolutionDate", \.resolutionDate), Field("resolutionBody", \.resolutionBody), Field("source", \.source))

  package static let defaultConditions = ["on-track", "at-risk", "off-track", "not-assessed"]

  package let id: Identifier<PlanVersion>?
  package let slug: Slug
  package let title: Label
  package let from: LocalDate
  package let until: LocalDate
  package let timeZone: Label?
  package let leadCap: Int?
  package let conditions: [Slug]
  package let ladder: [LadderLevel]
  package let resolutionDate: LocalDate?
  package let resolutionBody: Slug?
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let versionID = id?.value ?? context.newID()
    try ensure(
      !plan.versions.contains { $0.slug == slug.text }, .taken("slug", slug.text, by: "plan version", field: "slug"))
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
    let chosen = conditions.isEmpty ? Self.defaultConditions.compactMap(Slug.init(normalized:)) : conditions
    let zone = if let timeZone { timeZone } else { try Label("Europe/Berlin", field: "timeZone") }
    return [
      NewEvent(
        plan.subject,
        PlanVersionRegistered(
          version: Identifier(versionID), slug: slug, title: title, from: from, until: until,
          timeZone: zone, leadCap: leadCap ?? 2,
          conditions: chosen, ladder: ladder, resolutionDate: resolutionDate, resolutionBody: resolutionBody,
          source: source))
    ]
  }
}
