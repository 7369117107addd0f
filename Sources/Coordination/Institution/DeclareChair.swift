package import EventSourcing

/// Declares who chairs a body (unter Leitung) or coordinates a network (koordiniert von).
package struct DeclareChair: PlanCommand {
  package enum Kind: String, ChoiceFieldValue { case chair, coordinator }

  package static let name = "declare-chair"
  package static let summary = LocalizedText(de: "Leitung angeben", en: "Declare who chairs or coordinates a body")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [ChairDeclared.self]
  package static let record = Record(
    Self.init(body:by:kind:source:), Field("body", \.body), Field("by", \.by), Field("kind", \.kind),
    Field("source", \.source))

  package let body: PartyReference
  package let by: PartyReference
  package let kind: Kind
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
