public import EventSourcing

/// What a feed is to cover, in the words of whoever asks for it. What is left out restricts nothing.
public struct FeedTerms: RecordFieldValue, Hashable {
  public static let record = Record(
    Self.init(types:subjects:programmes:circle:disclosures:versionMax:),
    Field(
      "types", \.types, de: "Ereignisarten wie measure.progress-reported oder measure.*",
      en: "types of events such as measure.progress-reported or measure.*"),
    Field(
      "subjects", \.subjects, de: "Maßnahmen, Institutionen …, die es betrifft oder nennt",
      en: "measures, institutions … that it is about or mentions"),
    Field(
      "programmes", \.programmes, de: "Maßnahmen, die mit diesen Programmen verknüpft sind",
      en: "measures that are linked to these programmes"),
    Field(
      "circle", \.circle, de: "partners (sonst) oder public", en: "partners (unless given) or public"),
    Field(
      "disclosures", \.disclosures, de: "ob auch Löschbares wie Texte mitgeht",
      en: "whether what can be erased, such as texts, comes along"),
    Field(
      "versionMax", \.versionMax, de: "höchste Version der Ereignisarten, die das Fachverfahren versteht",
      en: "highest version of event types that the partner system understands"))

  public let types: [EventTypePattern]
  public let subjects: [ItemReference]
  public let programmes: [Slug]
  public let circle: FeedCircle?
  public let disclosures: Bool?
  public let versionMax: Int?

  func contract(in plan: Plan, _ context: DecisionContext) throws(Refusal) -> FeedContract {
    for (index, type) in types.enumerated() where !FactCatalogue.byType.keys.contains(where: type.covers) {
      throw .unknown("event-type", type.text, field: "terms.types[\(index)]", de: "Ereignisart", en: "type of event")
    }
    var items: [Identifier<FeedSubject>] = []
    for (index, subject) in subjects.enumerated() {
      items.append(Identifier(try plan.require(subject, field: "terms.subjects[\(index)]", context).id))
    }
    for (index, programme) in programmes.enumerated() {
      _ = try plan.requireStrategy(programme, field: "terms.programmes[\(index)]")
    }
    let newest = FeedContract.versionNewest
    try ensure(
      (1...newest).contains(versionMax ?? newest),
      Refusal(
        .rule, "unknown-version", field: "terms.versionMax", de: "Versionen gibt es von 1 bis \(newest).",
        en: "There are versions 1 to \(newest).", facts: [.init("newest", .integer(Int64(newest)))]))
    return FeedContract(
      types: types, subjects: items, programmes: programmes, circle: circle ?? .partners,
      disclosures: disclosures ?? false, versionMax: versionMax)
  }
}
