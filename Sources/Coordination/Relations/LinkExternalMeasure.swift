public import EventSourcing

/// Links a measure to the id that another programme gives it; that programme keeps lead and authority (§28).
public struct LinkExternalMeasure: PlanCommand {
  public static let name = "link-external-measure"
  public static let summary = LocalizedText(de: "Externe Maßnahme verknüpfen", en: "Link an external measure")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [ExternalMeasureLinked.self]
  public static let record = Record(
    Self.init(measure:programme:externalID:source:), Field("measure", \.measure),
    Field(
      "programme", \.programme, de: "Kurzname der Strategie oder des Programms", en: "slug of the strategy or programme"
    ),
    Field("externalID", \.externalID, de: "Nummer dort, z. B. W-14", en: "its id there, such as W-14"),
    Field("source", \.source))

  public let measure: MeasureReference
  public let programme: Slug
  public let externalID: Label
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    let programme = try plan.requireStrategy(programme, field: "programme")
    try plan.requireCited(source)
    let key = ExternalReference.key(programme.slug, externalID.text)
    if let taken = plan.spans(ofExternalID: key).last(where: { context.effectiveDate < $0.days.upperBound }) {
      throw .taken("external-id", externalID.text, by: taken.measure.code, field: "externalID")
    }
    try ensure(
      measure.external == nil,
      Refusal(
        .conflict, "already-linked", field: "measure", de: "Die Maßnahme ist schon verknüpft.",
        en: "The measure already has an external id."))
    try plan.requireNotFinished(measure, on: context.effectiveDate)
    try measure.requireNoLaterState(than: context.effectiveDate)
    return [
      NewEvent(
        measure.subject, ExternalMeasureLinked(programme: self.programme, externalID: externalID, source: source))
    ]
  }
}
