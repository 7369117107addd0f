public import EventSourcing

/// Declares who chairs a body (unter Leitung) or coordinates a network (koordiniert von).
public struct DeclareChair: PlanCommand {
  public enum Kind: String, ChoiceFieldValue { case chair, coordinator }

  public static let name = "declare-chair"
  public static let summary = LocalizedText(de: "Leitung angeben", en: "Declare who chairs or coordinates a body")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [ChairDeclared.self]
  public static let record = Record(
    Self.init(body:by:kind:source:), Field("body", \.body), Field("by", \.by), Field("kind", \.kind),
    Field("source", \.source))

  public let body: PartyReference
  public let by: PartyReference
  public let kind: Kind
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let body = try plan.require(body, field: "body")
    let chair = try plan.require(by, field: "by")
    try plan.requireActive(body, on: context.effectiveDate, field: "body")
    try plan.requireActive(chair, on: context.effectiveDate, field: "by")
    try ensure(
      body.id != chair.id,
      Refusal(
        .rule, "cycle", field: "by", de: "Ein Gremium leitet sich nicht selbst.", en: "A body does not chair itself."))
    try ensure(
      body.chair(on: context.effectiveDate) != Party.Chair(by: chair.id, kind: kind),
      Refusal(
        .conflict, "already-chaired", field: "body", de: "Die Leitung ist schon angegeben.",
        en: "The chair is already declared."))
    try plan.requireCited(source)
    return [NewEvent(body.subject, ChairDeclared(by: chair.id, kind: kind, source: source))]
  }
}
