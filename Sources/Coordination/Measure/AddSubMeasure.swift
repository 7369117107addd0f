public import EventSourcing

/// Adds a part of a measure (Teilmaßnahme): lettered, or named where the plan prints no letter.
public struct AddSubMeasure: PlanCommand {
  public static let name = "add-sub-measure"
  public static let summary = LocalizedText(de: "Teilmaßnahme anlegen", en: "Add a sub-measure")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [SubMeasureAdded.self]
  public static let record = Record(
    Self.init(id:measure:part:title:kind:note:source:), Field("id", \.id), Field("measure", \.measure),
    Field("part", \.part, de: "Buchstabe A–Z oder Kurzname", en: "letter A–Z or slug"), Field("title", \.title),
    Field("kind", \.kind), Field("note", \.note, de: "Anmerkung zur Vorlage", en: "remark on the source"),
    Field("source", \.source))

  public let id: MeasureID?
  public let measure: MeasureReference
  public let part: Label
  public let title: Label
  public let kind: Measure.Kind?
  public let note: Label?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id?.value ?? context.newID()
    try plan.requireUnused(newID)
    try plan.requireCited(source)
    let whole = try plan.require(measure, field: "measure", context)
    try Decider.refuseClosed(Self.self, plan.closing(of: whole.subject), context)
    try ensure(
      whole.parent == nil,
      Refusal(
        .rule, "part-of-a-part", field: "measure", de: "Eine Teilmaßnahme hat keine Teile.",
        en: "A sub-measure has no parts of its own."))
    // A part would bring back what was completed or given up, also what is so from a later day on.
    try plan.requireUnfinished(whole, on: context.effectiveDate)
    if let last = plan.lastTurningDay(of: whole), last > context.effectiveDate {
      try plan.requireNotFinished(whole, on: last)
    }
    try Measure.requirePart(part, field: "part")
    let code = "\(whole.code(on: context.effectiveDate)).\(part)"
    try plan.requireFreeLetter(part, in: whole, from: context.effectiveDate, field: "part")
    return [
      NewEvent(
        Subject("measures", newID),
        SubMeasureAdded(
          parent: whole.id, part: part, code: try Label(code, field: "part"), title: title, kind: kind ?? whole.kind,
          note: note, source: source))
    ]
  }
}

extension Plan {
  /// The last day on which another state of a measure, its own or the one that follows from its parts, may begin.
  fileprivate func lastTurningDay(of whole: Measure) -> LocalDate? {
    ([whole] + whole.parts.compactMap { measures[$0] }).flatMap(\.states.entries).map(\.effectiveDate).max()
  }
}

extension Measure {
  /// A part is lettered, or named where the plan prints no letter.
  static func requirePart(_ part: Label, field: String) throws(Refusal) {
    let isLetter = part.text.utf8.count == 1 && ("A"..."Z").contains(part.text)
    try ensure(
      isLetter || Slug(normalized: part.text) != nil,
      Label.invalid(
        field: field, de: "Erwartet wird ein Buchstabe A–Z oder ein Kurzname.", en: "Expected a letter A–Z or a slug."))
  }
}
