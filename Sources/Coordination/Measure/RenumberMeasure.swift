public import EventSourcing

/// Gives a measure another numeral, or a part another letter; the old code keeps naming it (§6).
public struct RenumberMeasure: PlanCommand {
  public static let name = "renumber-measure"
  public static let summary = LocalizedText(de: "Maßnahme umnummerieren", en: "Renumber a measure")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [MeasureRenumbered.self]
  public static let record = Record(
    Self.init(measure:number:reason:source:),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field(
      "number", \.number, de: "neue römische Zahl; bei einer Teilmaßnahme Buchstabe oder Kurzname",
      en: "new Roman numeral; of a sub-measure its letter or slug"),
    Field("reason", \.reason, de: "Grund", en: "reason; needed once the plan is adopted"),
    Field("source", \.source, de: "Fundstellen", en: "citations; needed once the plan is adopted"))

  public let measure: MeasureReference
  public let number: MeasureNumber
  public let reason: FreeText?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    let label = try Label(number.text, field: "number")
    let place = measure.place(on: context.effectiveDate)
    var numeral = place.numeral
    var prefix = plan.taskField(id: place.taskField).map(plan.code) ?? ""
    let whole = measure.parent.flatMap { plan.measures[$0] }
    if let whole {
      try Measure.requirePart(label, field: "number")
      prefix = whole.code(on: context.effectiveDate)
    } else {
      guard let own = Numeral(normalized: number.text) else {
        let wanted = Numeral.expectation
        throw Refusal(.rule, "invalid-value", field: "number", de: wanted.german, en: wanted.english)
      }
      numeral = own
    }
    let code = "\(prefix).\(label)"
    guard code != place.code else { return [] }
    if let whole {
      try plan.requireFreeLetter(label, in: whole, from: context.effectiveDate, for: measure.id, field: "number")
    } else {
      try plan.requireFreeCode(code, in: measure.version, from: context.effectiveDate, for: measure.id, field: "number")
    }
    try plan.requireGrounds(reason, source, toChange: measure.subject, context)
    return [
      NewEvent(
        measure.subject,
        MeasureRenumbered(
          numeral: numeral, part: measure.parent == nil ? nil : label, code: try Label(code, field: "number"),
          reason: Disclosable(reason), source: source))
    ]
  }
}

/// What tells a measure apart in its task field, or a part in its measure: a numeral, a letter or a slug. Which of them
/// fits is for the measure to say.
public struct MeasureNumber: TextFieldValue {
  public static let lengthMax = Slug.lengthMax
  public static let pattern: String? =
    "^(XXX|X{1,2}(IX|IV|V?I{0,3})|IX|IV|VI{0,3}|I{1,3}|[A-Z]|[a-z0-9]+(-[a-z0-9]+)*)$"
  public static let expectation = LocalizedText(
    de: "Erwartet wird eine römische Zahl von I bis XXX, bei einer Teilmaßnahme ein Buchstabe oder Kurzname.",
    en: "Expected a Roman numeral from I to XXX, or a letter or slug of a sub-measure.")

  public let text: String

  public init?(normalized text: String) {
    let isLetter = text.utf8.count == 1 && ("A"..."Z").contains(text)
    guard isLetter || Numeral(normalized: text) != nil || Slug(normalized: text) != nil else { return nil }
    self.text = text
  }
}
