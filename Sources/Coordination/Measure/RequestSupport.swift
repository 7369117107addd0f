public import EventSourcing

/// A lead asks the office for help (Unterstützung, §49).
public struct RequestSupport: PlanCommand {
  public static let name = "request-support"
  public static let summary = LocalizedText(de: "Unterstützung anfragen", en: "Request support by the office")
  public static let roles: Set<Role> = [.coordinator, .lead]
  public static let facts: [any PlanFact.Type] = [SupportRequested.self]
  public static let record = Record(
    Self.init(id:measure:institution:text:), Field("id", \.id),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field(
      "institution", \.institution, de: "wer fragt; sonst die eigene Institution",
      en: "who asks; your own institution unless given"),
    Field("text", \.text, de: "was gebraucht wird", en: "what is needed; can be erased later"))

  public let id: Identifier<Measure.SupportRequest>?
  public let measure: MeasureReference
  public let institution: PartyReference?
  public let text: FreeText

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    let asking = try plan.actingInstitution(institution, context)
    try plan.requireLead(asking, of: measure, on: context.effectiveDate)
    try plan.requireNotDiscontinued(measure, on: context.effectiveDate)
    let request = id ?? Identifier(context.newID())
    if let holder = measure.supportRequests.first(where: { $0.id == request.value }) {
      throw .taken("id", request.description, by: plan.parties[holder.institution]?.slug ?? "", field: "id")
    }
    return [
      NewEvent(
        measure.subject, SupportRequested(request: request, institution: asking.id, text: Disclosable(text)))
    ]
  }
}
