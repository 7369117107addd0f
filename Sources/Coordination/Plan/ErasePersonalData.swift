public import EventSourcing

/// Erases values that tell of a person (Löschung, §32): free text and contact data of one event.
///
/// Structure and the acts of institutions stay, and so does the fact of erasure. Whoever has to erase a person in
/// several events sends an atomic list. The reason is one of a list, because a text would only hold the person once
/// more.
public struct ErasePersonalData: PlanCommand {
  public static let name = "erase-personal-data"
  public static let summary = LocalizedText(de: "Personenbezogene Angaben löschen", en: "Erase personal data")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [PersonalDataErased.self]
  public static let record = Record(
    Self.init(event:fields:reason:),
    Field(
      "event", \.event, de: "Position des Ereignisses, das die Angaben hält",
      en: "position of the event that holds the data"),
    Field(
      "fields", \.fields, de: "Felder des Ereignisses; sonst alle, die gelöscht werden können",
      en: "fields of the event; all that can be erased unless given"),
    Field("reason", \.reason, de: "Grund der Löschung", en: "why they are erased"))

  public let event: Int
  public let fields: [Label]
  public let reason: PersonalDataErased.Reason

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let position = Position(Int64(event))
    guard position >= Position(0), position < plan.size.nextPosition else {
      throw .unknown("event", String(event), field: "event", de: "Ereignis", en: "event")
    }
    guard let target = plan.erasableEvents[position] else {
      throw Refusal(
        .rule, "nothing-to-erase", field: "event", de: "Dieses Ereignis hält nichts, was gelöscht werden kann.",
        en: "This event holds nothing that can be erased.")
    }
    for (index, field) in fields.enumerated() where !target.fields.contains(field.text) {
      throw Refusal(
        .rule, "not-erasable", field: "fields[\(index)]",
        de: "Das Ereignis hat kein Feld „\(field)“, das gelöscht werden kann.",
        en: "The event has no field “\(field)” that can be erased.",
        facts: [.init("fields", .array(target.fields.map { .string($0) }))])
    }
    let wanted = fields.isEmpty ? target.fields : target.fields.filter { fields.map(\.text).contains($0) }
    // What was erased before is gone: to ask for it again is to ask for what already holds.
    let remaining = wanted.filter { !target.erased.contains($0) }
    guard !remaining.isEmpty else { return [] }
    var names: [Label] = []
    for name in remaining { names.append(try Label(name, field: "fields")) }
    return [NewEvent(target.subject, PersonalDataErased(event: event, fields: names, reason: reason))]
  }
}
