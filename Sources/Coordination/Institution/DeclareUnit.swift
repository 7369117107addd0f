public import EventSourcing

/// Declares that an institution is a unit (Untereinheit) inside another.
public struct DeclareUnit: PlanCommand {
  public static let name = "declare-unit"
  public static let summary = LocalizedText(de: "Untereinheit angeben", en: "Declare a unit of an institution")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [UnitDeclared.self]
  public static let record = Record(
    Self.init(unit:of:source:), Field("unit", \.unit),
    Field("of", \.of, de: "übergeordnete Institution", en: "parent institution"),
    Field("source", \.source))

  public let unit: PartyReference
  public let of: PartyReference
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let unit = try plan.require(unit, field: "unit")
    let parent = try plan.require(of, field: "of")
    try plan.requireActive(unit, on: context.effectiveDate, field: "unit")
    try plan.requireActive(parent, on: context.effectiveDate, field: "of")
    try ensure(
      unit.unitOf(on: context.effectiveDate) != parent.id,
      Refusal(
        .conflict, "already-a-unit", field: "unit", de: "Die Zuordnung besteht schon.", en: "It already is a unit."))
    try ensure(
      !plan.covers(parent.id, unit.id, on: context.effectiveDate),
      Refusal(.rule, "cycle", field: "of", de: "Das wäre ein Kreis.", en: "This would be a cycle."))
    try plan.requireCited(source)
    return [NewEvent(unit.subject, UnitDeclared(of: parent.id, source: source))]
  }
}
