package import EventSourcing

/// Replaces the contact of an institution, or what is known of the same person.
package struct ReplaceContact: ContactCommand {
  package typealias Fact = ContactReplaced
  package static let name = "replace-contact"
  package static let summary = LocalizedText(de: "Ansprechperson ersetzen", en: "Replace a contact")
  package static let replaces = true

  package let contact: ContactData
  package init(contact: ContactData) { self.contact = contact }
}
