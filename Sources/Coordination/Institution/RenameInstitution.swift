public import EventSourcing

/// Renames an institution or group from the effective date on (Umbenennung, §31).
///
/// Its slug and all it holds stay. What was printed before keeps the old name, which nobody else can take.
public struct RenameInstitution: PlanCommand {
  public static let name = "rename-institution"
  public static let summary = LocalizedText(de: "Institution umbenennen", en: "Rename an institution")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [InstitutionRenamed.self]
  public static let record = Record(
    Self.init(institution:name:short:source:), Field("institution", \.institution),
    Field("name", \.name, de: "neuer Name", en: "new name"),
    Field(
      "short", \.short, de: "neue Kurzform; sonst bleibt die alte", en: "new short form; the old one stays unless given"
    ),
    Field("source", \.source))

  public let institution: PartyReference
  public let name: Label
  public let short: Label?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let party = try plan.requireInstitution(institution, field: "institution")
    let date = context.effectiveDate
    try plan.requireFreeName(name.text, field: "name", on: date, for: party.id)
    if let short { try plan.requireFreeName(short.text, field: "short", on: date, for: party.id) }
    try plan.requireCited(source)
    let isSame = party.name(at: date) == name.text && (short == nil || party.short(at: date) == short?.text)
    return isSame ? [] : [NewEvent(party.subject, InstitutionRenamed(name: name, short: short, source: source))]
  }
}
