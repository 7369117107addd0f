package import EventSourcing

/// Gives a measure another numeral, or a part another letter; the old code keeps naming it (§6).
package struct RenumberMeasure: PlanCommand {
  package static let name = "renumber-measure"
  package static let summary = LocalizedText(de: "Maßnahme umnummerieren", en: "Renumber a measure")
  package static let roles = Set<Role>.office
  package static let facts: [any PlanFact.Type] = [MeasureRenumbered.self]
  package static let record = Record(
    Self.init(measure:number:reason:source:),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field(
      "number", \.number, de: "neue römische Zahl; bei einer Teilmaßnahme Buchstabe oder Kurzname",
      en: "new Roman numeral; of a sub-measure its letter or slug"),
    Field("reason", \.reason, de: "Grund", en: "reason; needed once the plan is adopted"),
    Field("source", \.source, de: "Fundstellen", en: "citations; needed once the plan is adopted"))

  package let measure: MeasureReference
  package let number: Label
  package let reason: FreeText?
  package let source: [Citation]

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure")
    var numeral = measure.numeral
    var place = plan.taskField(id: measure.taskField).map(plan.code) ?? ""
    if let whole = measure.parent.flatMap({ plan.measures[$0] }) {
      try Measure.requirePart(number, field: "number")
      place = whole.code
    } else {
      guard let own = Numeral(normalized: number.text) else {
        let wanted = Numeral.expectation
        throw Refusal(.malformed, "invalid-value", field: "number", de: wanted.german, en: wanted.english)
      }
      numeral = own
    }
    let code = "\(place).\(number)"
    guard code != measure.code else { return [] }
    try plan.requireFreeCode(code, in: measure.version, field: "number")
    try plan.requireGrounds(reason, source, toChange: measure.subject, context)
    return [
      NewEvent(
        measure.subject,
        MeasureRenumbered(
          numeral: numeral, part: measure.parent == nil ? nil : number, code: try Label(code, field: "number"),
          reason: Disclosable(reason), source: source))
    ]
  }
}
