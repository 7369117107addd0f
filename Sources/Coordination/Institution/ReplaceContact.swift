public import EventSourcing

/// Replaces the contact of an institution, or what is known of the same person.
public struct ReplaceContact: ContactCommand {
  public typealias Fact = ContactReplaced
  public static let name = "replace-contact"
  public static let summary = LocalizedText(de: "Ansprechperson ersetzen", en: "Replace a contact")
  public static let replaces = true

  public let contact: ContactData
  public init(contact: ContactData) { self.contact = contact }
}
