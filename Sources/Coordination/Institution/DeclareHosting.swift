public import EventSourcing

/// Declares that a body is hosted (angesiedelt) by an institution without being part of it.
public struct DeclareHosting: PlanCommand {
  public static let name = "declare-hosting"
  public static let summary = LocalizedText(de: "Ansiedlung angeben", en: "Declare who hosts a body")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [HostingDeclared.self]
  public static let record = Record(
    Self.init(body:by:source:), Field("body", \.body), Field("by", \.by, de: "angesiedelt bei", en: "the host"),
    Field("source", \.source))

  public let body: PartyReference
  public let by: PartyReference
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let body = try plan.require(body, field: "body")
    let host = try plan.require(by, field: "by")
    try plan.requireActive(body, on: context.effectiveDate, field: "body")
    try plan.requireActive(host, on: context.effectiveDate, field: "by")
    try ensure(
      body.id != host.id,
      Refusal(.rule, "cycle", field: "by", de: "Nichts ist bei sich selbst angesiedelt.", en: "Nothing hosts itself."))
    try ensure(
      body.hostedBy(on: context.effectiveDate) != host.id,
      Refusal(
        .conflict, "already-hosted", field: "body", de: "Die Ansiedlung ist schon angegeben.",
        en: "The host is already declared."))
    try plan.requireCited(source)
    return [NewEvent(body.subject, HostingDeclared(by: host.id, source: source))]
  }
}
