public import EventSourcing

/// Values of an earlier event were erased. Its subject is the subject of that event.
///
/// In the transaction that appends this event the log deletes the values: the rows of `ledger.disclosures` at position
/// `event` whose disclosure is of one of `fields`; `erasures` says so to whoever appends. Event and deletion are thus
/// one: after a crash both are there or neither, a batch that is sent again conflicts without deleting twice, and a
/// backup that holds this event holds the values no more. Only a backup from before it brings them back. Going back to
/// one loses events as well, which shows as `log-regressed`; what was erased in between must then be erased again.
///
/// The event of the values stays as it is: its digests point at nothing from now on, and every proof still holds.
public struct PersonalDataErased: PlanFact {
  public enum Reason: String, ChoiceFieldValue {
    /// The person asked for it.
    case requested
    case consentWithdrawn = "consent-withdrawn"
    case noLongerNeeded = "no-longer-needed"
    /// It should never have been stored.
    case unlawful
    /// It was entered by mistake, for instance in the wrong field.
    case mistaken
    case legalObligation = "legal-obligation"
  }

  public static let type = "org.federwerk.plan.personal-data-erased.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(event:fields:reason:), Field("event", \.event), Field("fields", \.fields), Field("reason", \.reason))

  /// The position of the event that held the values.
  public let event: Int
  public let fields: [Label]
  public let reason: Reason

  public init(event: Int, fields: [Label], reason: Reason) {
    self.event = event
    self.fields = fields
    self.reason = reason
  }

  public var erasures: [Erasure] { [Erasure(position: Position(Int64(event)), fields: fields.map(\.text))] }

  /// Whoever does not know of the values does not learn that they are gone.
  public func isVisible(to viewer: Viewer, in plan: Plan, _ record: EventRecord) -> Bool {
    guard viewer.circle <= Self.circle, let target = plan.erasableEvents[Position(Int64(event))] else { return false }
    return fields.allSatisfy { target.fields.contains($0.text) }
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    for erasure in erasures { plan.erasableEvents.erase(erasure.fields, at: erasure.position) }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let names = fields.map(\.text).joined(separator: ", ")
    let subject = plan.name(of: record)
    return LocalizedText(
      de: "Angaben zu \(subject) in Ereignis \(event) wurden gelöscht (\(names)): \(reason.wording.german).",
      en: "Data on \(subject) in event \(event) were erased (\(names)): \(reason.wording.english).")
  }
}

extension PersonalDataErased.Reason {
  fileprivate var wording: LocalizedText {
    switch self {
    case .requested: LocalizedText(de: "auf Verlangen der betroffenen Person", en: "the person asked for it")
    case .consentWithdrawn: LocalizedText(de: "die Einwilligung ist widerrufen", en: "the consent was withdrawn")
    case .noLongerNeeded: LocalizedText(de: "sie werden nicht mehr gebraucht", en: "they are no longer needed")
    case .unlawful:
      LocalizedText(de: "sie durften nicht gespeichert werden", en: "they should never have been stored")
    case .mistaken: LocalizedText(de: "sie wurden versehentlich eingetragen", en: "they were entered by mistake")
    case .legalObligation: LocalizedText(de: "eine Rechtspflicht verlangt es", en: "the law demands it")
    }
  }
}
