public import EventSourcing

/// Notes with what means a measure works: a fund, an amount, or in words.
public struct NoteResources: PlanCommand {
  public static let name = "note-resources"
  public static let summary = LocalizedText(de: "Ressourcen festhalten", en: "Note resources")
  public static let roles = Set<Role>.delivery
  public static let facts: [any PlanFact.Type] = [ResourcesNoted.self]
  public static let record = Record(
    Self.init(measure:fund:amount:text:), Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field("fund", \.fund, de: "Fördertopf oder Haushaltstitel", en: "fund or budget title"),
    Field("amount", \.amount, de: "Euro", en: "euros"),
    Field("text", \.text, de: "in Worten", en: "in words; can be erased later")
  ).withAny("fund", "text")

  public let measure: MeasureReference
  public let fund: Label?
  public let amount: Int?
  public let text: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.requireInDelivery(measure, context)
    try ensure(
      fund != nil || text != nil,
      Label.invalid(field: "fund", de: "Fördertopf oder Text angeben.", en: "Give a fund, a text or both."))
    try ensure(
      amount ?? 0 >= 0,
      Refusal(
        .rule, "negative-amount", field: "amount", de: "Der Betrag ist negativ.", en: "The amount is negative."))
    return [NewEvent(measure.subject, ResourcesNoted(fund: fund, amount: amount, text: Disclosable(text)))]
  }
}
