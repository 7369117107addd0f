package import EventSourcing

/// What is kept of a contact person. All of it can be erased, also the function, which may tell who it is.
package struct ContactData: Hashable, Sendable {
  package let institution: PartyReference?
  package let name: FreeText
  package let function: FreeText?
  package let phone: FreeText?
  package let mail: FreeText?
}

/// A command that says who the contact of an institution is.
package protocol ContactCommand: PlanCommand {
  associatedtype Fact: ContactFact
  var contact: ContactData { get }
  init(contact: ContactData)
  /// Whether there must be a contact already on the day.
  static var replaces: Bool { get }
}

extension ContactCommand {
  package static var roles: Set<Role> { .participants }
  package static var facts: [any PlanFact.Type] { [Fact.self] }

  package static var record: Record<Self> {
    .shared {
      Record(
        { Self(contact: ContactData(institution: $0, name: $1, function: $2, phone: $3, mail: $4)) },
        Field(
          "institution", \.contact.institution, de: "sonst die eigene", en: "your own unless given"),
        Field("name", \.contact.name), Field("function", \.contact.function), Field("phone", \.contact.phone),
        Field("mail", \.contact.mail))
    }
  }

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
package struct AppointContact: ContactCommand {
  package typealias Fact = ContactAppointed
  package static let name = "appoint-contact"
  package static let summary = LocalizedText(de: "Ansprechperson benennen", en: "Appoint a contact")
  package static let replaces = false

  package let contact: ContactData
  package init(contact: ContactData) { self.contact = contact }
}
