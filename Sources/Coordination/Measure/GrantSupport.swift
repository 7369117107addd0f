public import EventSourcing

/// The office grants the help that a lead asked for (§49).
public struct GrantSupport: PlanCommand {
  public static let name = "grant-support"
  public static let summary = LocalizedText(de: "Unterstützung zusagen", en: "Grant support")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [SupportGranted.self]
  public static let record = Record(
    Self.init(measure:request:text:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("request", \.request, de: "Kennung der Anfrage", en: "id of the request"),
    Field("text", \.text, de: "was zugesagt wird", en: "what is granted; can be erased later"))

  public let measure: MeasureReference
  public let request: Identifier<Measure.SupportRequest>
  public let text: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    try plan.requireNotDiscontinued(measure, on: context.effectiveDate)
    guard let known = measure.supportRequests.first(where: { $0.id == request.value }) else {
      throw .unknown(
        "support-request", request.description, field: "request", de: "Anfrage um Unterstützung", en: "support request")
    }
    try ensure(
      known.granted == nil,
      Refusal(
        .conflict, "already-granted", field: "request", de: "Diese Unterstützung ist schon zugesagt.",
        en: "This support has already been granted."))
    return [NewEvent(measure.subject, SupportGranted(request: request, text: Disclosable(text)))]
  }
}
