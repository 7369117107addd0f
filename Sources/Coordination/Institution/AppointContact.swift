public import EventSourcing

/// What is kept of a contact person. All of it can be erased, also the function, which may tell who it is.
public struct ContactData: Hashable, Sendable {
  public let institution: PartyReference?
  public let name: FreeText
  public let function: FreeText?
  public let phone: FreeText?
  public let mail: FreeText?
}

/// A command that says who the contact of an institution is.
public protocol ContactCommand: PlanCommand {
  associatedtype Fact: ContactFact
  var contact: ContactData { get }
  init(contact: ContactData)
  /// Whether there must be a contact already on the day.
  static var replaces: Bool { get }
}

extension ContactCommand {
  public static var roles: Set<Role> { .participants }
  public static var facts: [any PlanFact.Type] { [Fact.self] }

  public static var record: Record<Self> {
    .shared {
      Record(
        { Self(contact: ContactData(institution: $0, name: $1, function: $2, phone: $3, mail: $4)) },
        Field(
          "institution", \.contact.institution, de: "sonst die eigene", en: "your own unless given"),
        Field("name", \.contact.name), Field("function", \.contact.function), Field("phone", \.contact.phone),
        Field("mail", \.contact.mail))
    }
  }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let party = try plan.actingInstitution(contact.institution, context)
    try plan.requireInstitution(party, field: "institution")
    let known = party.contacts.entry(at: context.effectiveDate)
    if let known, !Self.replaces {
      throw Refusal(
        .conflict, "contact-exists", field: "institution", de: "Es gibt schon eine Ansprechperson.",
        en: "There already is a contact.", facts: [.init("since", .string(known.effectiveDate.description))])
    }
    try ensure(
      known != nil || !Self.replaces,
      Refusal(
        .conflict, "no-contact", field: "institution", de: "Es gibt noch keine Ansprechperson.",
        en: "There is no contact yet."))
    return [
      NewEvent(
        party.subject,
        Fact(
          ContactFacts(
            name: Disclosable(contact.name), function: Disclosable(contact.function),
            phone: Disclosable(contact.phone), mail: Disclosable(contact.mail))))
    ]
  }
}

/// Appoints the first contact (Ansprechperson) of an institution.
public struct AppointContact: ContactCommand {
  public typealias Fact = ContactAppointed
  public static let name = "appoint-contact"
  public static let summary = LocalizedText(de: "Ansprechperson benennen", en: "Appoint a contact")
  public static let replaces = false

  public let contact: ContactData
  public init(contact: ContactData) { self.contact = contact }
}
