public import EventSourcing

/// Registers a source document, so that citations can refer to it by key.
public struct RegisterDocument: PlanCommand {
  public static let name = "register-document"
  public static let summary = LocalizedText(de: "Quelldokument anlegen", en: "Register a source document")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [DocumentRegistered.self]
  public static let record = Record(
    Self.init(key:title:sha256:), Field("key", \.key, de: "Kürzel in Fundstellen", en: "key used in citations"),
    Field("title", \.title), Field("sha256", \.sha256, de: "Prüfsumme der Datei", en: "digest of the file, hexadecimal")
  )

  public let key: Label
  public let title: Label
  public let sha256: Label?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    try ensure(
      Citation(normalized: "\(key):1") != nil,
      Label.invalid(
        field: "key", de: "Erlaubt sind Buchstaben, Ziffern und Bindestriche.",
        en: "Allowed are letters, digits and hyphens."))
    try ensure(plan.documents[key.text] == nil, .taken("key", key.text, by: "document", field: "key"))
    return [NewEvent(plan.subject, DocumentRegistered(key: key, title: title, sha256: sha256))]
  }
}
