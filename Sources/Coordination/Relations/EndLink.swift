public import EventSourcing

/// Ends a link of any kind: to a measure, a cluster, a strategy, an act, a theme, or to another programme's id.
///
/// A measure that another programme led stands again where it stood before.
public struct EndLink: PlanCommand {
  public static let name = "end-link"
  public static let summary = LocalizedText(de: "Verweis beenden", en: "End a link")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [LinkEnded.self]
  public static let record = Record(
    Self.init(link:external:reason:), Field("link", \.link, de: "Kennung des Verweises", en: "id of the link"),
    Field(
      "external", \.external, de: "oder: Maßnahme, deren Nummer in einem anderen Programm nicht mehr gilt",
      en: "or: the measure whose id in another programme no longer holds"),
    Field("reason", \.reason, de: "Grund", en: "reason")
  ).withEither("link", "external")

  public let link: Identifier<Link>?
  public let external: MeasureReference?
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    switch (link, external) {
    case (let link?, nil):
      let known = try plan.requireLink(link, on: context.effectiveDate)
      return [
        NewEvent(
          plan.subject(of: known),
          LinkEnded(link: link, programme: nil, externalID: nil, reason: Disclosable(reason)))
      ]
    case (nil, let reference?):
      let measure = try plan.require(reference, field: "external", context)
      guard let known = measure.external else { throw .linkEnded(field: "external") }
      try ensure(context.effectiveDate >= known.from, .endBeforeStart(known.from, field: "effectiveDate"))
      // From the beginning of what continues the measure on, the id names that one and ends there.
      if let successor = measure.successor,
        plan.measure(linkedAs: known.key, on: context.effectiveDate)?.id != measure.id
      {
        throw .carriedOver(to: successor, field: "external")
      }
      return [
        NewEvent(
          measure.subject,
          LinkEnded(
            link: nil, programme: try Slug(known.programme, field: "external"),
            externalID: try Label(known.externalID, field: "external"), reason: Disclosable(reason)))
      ]
    default: throw .either("link", "external")
    }
  }
}
